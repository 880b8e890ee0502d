/* private_key_t on Mbed TLS: ECDSA signatures of our own, deterministic (RFC
 * 6979), so that a weak random generator cannot give the key away.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_ecdsa.h"

#include <asn1/asn1.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/psa_util.h>

#include "crypto/drbg.h"

struct charon_ecdsa_private {
	private_key_t public;
	const struct charon_ecdsa_curve *curve;
	mbedtls_mpi d;
	struct charon_ecdsa_point point;
	refcount_t ref;
};

METHOD(private_key_t, get_type, key_type_t, struct charon_ecdsa_private *this)
{
	(void)this;
	return KEY_ECDSA;
}

METHOD(private_key_t, get_keysize, int, struct charon_ecdsa_private *this)
{
	return (int)this->curve->n_bits;
}

/* Writes r | s. */
static bool sign_raw(struct charon_ecdsa_private *this, mbedtls_md_type_t md, const uint8_t *hash,
		     size_t hash_len, uint8_t *ret_raw)
{
	size_t size = this->curve->field_size;
	mbedtls_ecp_group group;
	mbedtls_mpi r, s;
	bool is_good;

	mbedtls_ecp_group_init(&group);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	is_good = mbedtls_ecp_group_load(&group, this->curve->id) == 0 &&
		  mbedtls_ecdsa_sign_det_ext(&group, &r, &s, &this->d, hash, hash_len, md,
					     drbg_random, NULL) == 0 &&
		  mbedtls_mpi_write_binary(&r, ret_raw, size) == 0 &&
		  mbedtls_mpi_write_binary(&s, ret_raw + size, size) == 0;
	mbedtls_ecp_group_free(&group);
	mbedtls_mpi_free(&r);
	mbedtls_mpi_free(&s);
	return is_good;
}

METHOD(private_key_t, sign, bool, struct charon_ecdsa_private *this, signature_scheme_t scheme,
       void *params, chunk_t data, chunk_t *signature)
{
	uint8_t raw[2 * MBEDTLS_ECP_MAX_BYTES], hash[MBEDTLS_MD_MAX_SIZE];
	uint8_t der[MBEDTLS_ECDSA_MAX_LEN];
	struct charon_ecdsa_scheme s;
	size_t hash_len, len = 2 * this->curve->field_size;

	(void)params;
	if (!charon_ecdsa_scheme_parse(scheme, this->curve, &s))
		return FALSE;
	hash_len = charon_hash(s.md, data, hash);
	if (hash_len == 0 || !sign_raw(this, s.md, hash, hash_len, raw))
		return FALSE;
	if (s.is_der &&
	    mbedtls_ecdsa_raw_to_der(this->curve->n_bits, raw, len, der, sizeof(der), &len))
		return FALSE;
	*signature = chunk_clone(chunk_create(s.is_der ? der : raw, len));
	return TRUE;
}

METHOD(private_key_t, decrypt, bool, struct charon_ecdsa_private *this, encryption_scheme_t scheme,
       void *params, chunk_t crypto, chunk_t *plain)
{
	(void)this;
	(void)params;
	(void)crypto;
	(void)plain;
	DBG1(DBG_LIB, "encryption scheme %N not offered", encryption_scheme_names, scheme);
	return FALSE;
}

METHOD(private_key_t, get_public_key, public_key_t *, struct charon_ecdsa_private *this)
{
	chunk_t spki = charon_ecdsa_spki(this->curve, &this->point);
	public_key_t *public = lib->creds->create(lib->creds, CRED_PUBLIC_KEY, KEY_ECDSA,
						  BUILD_BLOB_ASN1_DER, spki, BUILD_END);

	chunk_free(&spki);
	return public;
}

METHOD(private_key_t, get_fingerprint, bool, struct charon_ecdsa_private *this,
       cred_encoding_type_t type, chunk_t *fingerprint)
{
	return charon_ecdsa_fingerprint(this->curve, &this->point, type, this, fingerprint);
}

/* A private key does not leave the process. */
METHOD(private_key_t, get_encoding, bool, struct charon_ecdsa_private *this,
       cred_encoding_type_t type, chunk_t *encoding)
{
	(void)this;
	(void)type;
	(void)encoding;
	return FALSE;
}

METHOD(private_key_t, get_ref, private_key_t *, struct charon_ecdsa_private *this)
{
	ref_get(&this->ref);
	return &this->public;
}

METHOD(private_key_t, destroy, void, struct charon_ecdsa_private *this)
{
	if (!ref_put(&this->ref))
		return;
	lib->encoding->clear_cache(lib->encoding, this);
	mbedtls_mpi_free(&this->d);
	free(this);
}

/* Reads an ECPrivateKey (RFC 5915). `params`, the curve's identifier, comes
 * from PKCS#8 and is empty for a bare key, which must then name its curve
 * itself. The public key inside is not believed but made from the private
 * one. */
static bool key_parse(struct charon_ecdsa_private *this, chunk_t blob, chunk_t params)
{
	chunk_t sequence, version, secret;
	mbedtls_ecp_keypair key;
	bool is_good;

	if (asn1_unwrap(&blob, &sequence) != ASN1_SEQUENCE ||
	    asn1_unwrap(&sequence, &version) != ASN1_INTEGER ||
	    asn1_unwrap(&sequence, &secret) != ASN1_OCTET_STRING ||
	    (!params.len && asn1_unwrap(&sequence, &params) != ASN1_CONTEXT_C_0))
		return FALSE;
	this->curve = charon_ecdsa_curve_parse(params);
	if (!this->curve || !chunk_equals(version, chunk_from_chars(0x01)))
		return FALSE;
	mbedtls_ecp_keypair_init(&key);
	is_good = mbedtls_ecp_read_key(this->curve->id, &key, secret.ptr, secret.len) == 0 &&
		  mbedtls_ecp_keypair_calc_public(&key, drbg_random, NULL) == 0 &&
		  mbedtls_ecp_export(&key, NULL, &this->d, NULL) == 0 &&
		  mbedtls_ecp_write_public_key(&key, MBEDTLS_ECP_PF_UNCOMPRESSED, &this->point.len,
					       this->point.bytes, sizeof(this->point.bytes)) == 0;
	mbedtls_ecp_keypair_free(&key);
	return is_good;
}

static private_key_t *ecdsa_private_create(chunk_t blob, chunk_t params)
{
	struct charon_ecdsa_private *this;

	INIT(this,
	     .public = {
		     .get_type = _get_type,
		     .sign = _sign,
		     .decrypt = _decrypt,
		     .get_keysize = _get_keysize,
		     .get_public_key = _get_public_key,
		     .equals = private_key_equals,
		     .belongs_to = private_key_belongs_to,
		     .get_fingerprint = _get_fingerprint,
		     .has_fingerprint = private_key_has_fingerprint,
		     .get_encoding = _get_encoding,
		     .get_ref = _get_ref,
		     .destroy = _destroy,
	     },
	     .ref = 1);
	mbedtls_mpi_init(&this->d);
	if (!key_parse(this, blob, params)) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}

private_key_t *charon_ecdsa_private_load(key_type_t type, va_list args)
{
	chunk_t blob = chunk_empty, params = chunk_empty;

	(void)type;
	while (TRUE) {
		switch (va_arg(args, builder_part_t)) {
		case BUILD_BLOB_ASN1_DER:
			blob = va_arg(args, chunk_t);
			break;
		case BUILD_BLOB_ALGID_PARAMS:
			params = va_arg(args, chunk_t);
			break;
		case BUILD_END:
			return ecdsa_private_create(blob, params);
		default:
			return NULL;
		}
	}
}
