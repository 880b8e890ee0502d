/* What the public and the private half of an ECDSA key share.
 *
 * Offered are P-256, P-384 and P-521 with SHA-2: the schemes of X.509 and RFC
 * 7427 on any of these curves, signatures in DER, and the three of RFC 4754,
 * each bound to one curve, with signatures as plain r | s. A public key is
 * kept as its uncompressed point and a curve is set up for each operation, as
 * Mbed TLS may write into its group while it computes and keys are shared.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "crypto/charon_crypto.h"

#include <mbedtls/ecp.h>

struct charon_ecdsa_curve {
	mbedtls_ecp_group_id id;
	size_t n_bits;
	size_t field_size; /* bytes of a coordinate, and of r and s */
};

/* An uncompressed point, SEC 1 section 2.3.3. */
struct charon_ecdsa_point {
	size_t len;
	uint8_t bytes[MBEDTLS_ECP_MAX_PT_LEN];
};

/* What a scheme asks for. */
struct charon_ecdsa_scheme {
	mbedtls_md_type_t md;
	bool is_der;
};

/* Reads `blob`, an OBJECT IDENTIFIER in DER. Returns NULL when it names no
 * curve offered. */
const struct charon_ecdsa_curve *charon_ecdsa_curve_parse(chunk_t blob);

/* Returns false for a scheme that is not offered or not meant for that
 * curve. */
__attribute__((warn_unused_result)) bool
charon_ecdsa_scheme_parse(signature_scheme_t scheme, const struct charon_ecdsa_curve *curve,
			  struct charon_ecdsa_scheme *ret_scheme);

/* The subjectPublicKeyInfo (RFC 5480), to be freed by the caller. */
chunk_t charon_ecdsa_spki(const struct charon_ecdsa_curve *curve,
			  const struct charon_ecdsa_point *point);

/* KEYID_PUBKEY_INFO_SHA1 and KEYID_PUBKEY_SHA1, kept in lib->encoding's cache
 * under `cache`. */
__attribute__((warn_unused_result)) bool
charon_ecdsa_fingerprint(const struct charon_ecdsa_curve *curve,
			 const struct charon_ecdsa_point *point, cred_encoding_type_t type,
			 void *cache, chunk_t *ret_fingerprint);
