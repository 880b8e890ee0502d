/* What the public and the private half of an ECDSA key share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_ecdsa.h"

#include <asn1/asn1.h>
#include <asn1/oid.h>
#include <mbedtls/oid.h>

static const struct charon_ecdsa_curve curves[] = {
	{ MBEDTLS_ECP_DP_SECP256R1, 256, 32 },
	{ MBEDTLS_ECP_DP_SECP384R1, 384, 48 },
	{ MBEDTLS_ECP_DP_SECP521R1, 521, 66 },
};

const struct charon_ecdsa_curve *charon_ecdsa_curve_parse(chunk_t blob)
{
	mbedtls_asn1_buf oid = {};
	mbedtls_ecp_group_id id;
	chunk_t object;

	if (asn1_unwrap(&blob, &object) != ASN1_OID)
		return NULL;
	oid.p = object.ptr;
	oid.len = object.len;
	if (mbedtls_oid_get_ec_grp(&oid, &id))
		return NULL;
	for (size_t i = 0; i < countof(curves); i++)
		if (curves[i].id == id)
			return &curves[i];
	return NULL;
}

bool charon_ecdsa_scheme_parse(signature_scheme_t scheme, const struct charon_ecdsa_curve *curve,
			       struct charon_ecdsa_scheme *ret_scheme)
{
	static const struct {
		signature_scheme_t scheme;
		mbedtls_ecp_group_id curve; /* MBEDTLS_ECP_DP_NONE: any */
		struct charon_ecdsa_scheme parsed;
	} schemes[] = {
		{ SIGN_ECDSA_WITH_SHA256_DER, MBEDTLS_ECP_DP_NONE, { MBEDTLS_MD_SHA256, TRUE } },
		{ SIGN_ECDSA_WITH_SHA384_DER, MBEDTLS_ECP_DP_NONE, { MBEDTLS_MD_SHA384, TRUE } },
		{ SIGN_ECDSA_WITH_SHA512_DER, MBEDTLS_ECP_DP_NONE, { MBEDTLS_MD_SHA512, TRUE } },
		{ SIGN_ECDSA_256, MBEDTLS_ECP_DP_SECP256R1, { MBEDTLS_MD_SHA256, FALSE } },
		{ SIGN_ECDSA_384, MBEDTLS_ECP_DP_SECP384R1, { MBEDTLS_MD_SHA384, FALSE } },
		{ SIGN_ECDSA_521, MBEDTLS_ECP_DP_SECP521R1, { MBEDTLS_MD_SHA512, FALSE } },
	};

	for (size_t i = 0; i < countof(schemes); i++) {
		if (schemes[i].scheme != scheme)
			continue;
		if (schemes[i].curve != MBEDTLS_ECP_DP_NONE && schemes[i].curve != curve->id)
			break;
		*ret_scheme = schemes[i].parsed;
		return TRUE;
	}
	DBG1(DBG_LIB, "signature scheme %N not offered for this ECDSA key", signature_scheme_names,
	     scheme);
	return FALSE;
}

static chunk_t point_chunk(const struct charon_ecdsa_point *point)
{
	return chunk_create((uint8_t *)point->bytes, point->len);
}

chunk_t charon_ecdsa_spki(const struct charon_ecdsa_curve *curve,
			  const struct charon_ecdsa_point *point)
{
	const char *oid;
	size_t len;
	chunk_t algorithm;

	if (mbedtls_oid_get_oid_by_ec_grp(curve->id, &oid, &len))
		return chunk_empty;
	algorithm = asn1_algorithmIdentifier_params(
		OID_EC_PUBLICKEY, asn1_wrap(ASN1_OID, "c", chunk_create((uint8_t *)oid, len)));
	return asn1_wrap(ASN1_SEQUENCE, "mm", algorithm, asn1_bitstring("c", point_chunk(point)));
}

bool charon_ecdsa_fingerprint(const struct charon_ecdsa_curve *curve,
			      const struct charon_ecdsa_point *point, cred_encoding_type_t type,
			      void *cache, chunk_t *ret_fingerprint)
{
	chunk_t input;
	uint8_t hash[MBEDTLS_MD_MAX_SIZE];
	size_t len;

	if (lib->encoding->get_cache(lib->encoding, type, cache, ret_fingerprint))
		return TRUE;
	if (type == KEYID_PUBKEY_INFO_SHA1)
		input = charon_ecdsa_spki(curve, point);
	else if (type == KEYID_PUBKEY_SHA1)
		input = chunk_clone(point_chunk(point));
	else
		return FALSE;
	len = charon_hash(MBEDTLS_MD_SHA1, input, hash);
	chunk_free(&input);
	if (len == 0)
		return FALSE;
	*ret_fingerprint = chunk_clone(chunk_create(hash, len));
	lib->encoding->cache(lib->encoding, type, cache, ret_fingerprint);
	return TRUE;
}
