/* What the public and the private half of an RSA key share.
 *
 * Offered are RSASSA-PSS and RSASSA-PKCS1-v1_5 (RFC 8017) over SHA-1 and
 * SHA-2. SHA-1 is what IKEv2's first signature method (RFC 7296, RSA Digital
 * Signature) falls back to. Parsing and encoding of keys are done by
 * libstrongswan's pkcs1, pkcs8 and pem plugins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "crypto/charon_crypto.h"

#include <credentials/keys/signature_params.h>
#include <mbedtls/rsa.h>

/* What a scheme asks for. */
struct charon_rsa_scheme {
	bool is_pss;
	mbedtls_md_type_t md;
	mbedtls_md_type_t mgf1_md; /* PSS only */
	int salt_len;		   /* PSS only, bytes */
};

/* Reads a scheme and, for PSS, its rsa_pss_params_t, for a modulus of `bits`.
 * Returns false for any scheme or hash that is not offered. */
__attribute__((warn_unused_result)) bool
charon_rsa_scheme_parse(signature_scheme_t scheme, void *params, size_t bits,
			struct charon_rsa_scheme *ret_scheme);

/* Modulus and public exponent, big-endian, to be freed by the caller. */
__attribute__((warn_unused_result)) bool charon_rsa_public_parts(const mbedtls_rsa_context *rsa,
								 chunk_t *ret_n, chunk_t *ret_e);

/* Encodes or fingerprints the public half through lib->encoding. With a
 * `cache` key the result is the cache's, without it is the caller's to free. */
__attribute__((warn_unused_result)) bool charon_rsa_encode(const mbedtls_rsa_context *rsa,
							   cred_encoding_type_t type, void *cache,
							   chunk_t *ret_encoding);
