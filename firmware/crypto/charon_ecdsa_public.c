/* public_key_t on Mbed TLS: ECDSA signatures of peers and certificates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_ecdsa.h"

#include <asn1/asn1.h>
#include <asn1/oid.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/psa_util.h>

struct charon_ecdsa_public {
	public_key_t public;
	const struct charon_ecdsa_curve *curve;
	struct charon_ecdsa_point point;
	refcount_t ref;
};

METHOD(public_key_t, get_type, key_type_t, struct charon_ecdsa_public *this)
{
	(void)this;
	return KEY_ECDSA;
}

METHOD(public_key_t, get_keysize, int, struct charon_ecdsa_public *this)
{
	return (int)this->curve->n_bits;
}

/* `raw` is r | s. */
static bool verify_raw(struct charon_ecdsa_public *this, const uint8_t *hash, size_t hash_len,
		       const uint8_t *raw)
{
	size_t size = this->curve->field_size;
	mbedtls_ecp_group group;
	mbedtls_ecp_point q;
	mbedtls_mpi r, s;
	bool is_good;

	mbedtls_ecp_group_init(&group);
	mbedtls_ecp_point_init(&q);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	is_good = mbedtls_ecp_group_load(&group, this->curve->id) == 0 &&
		  mbedtls_ecp_point_read_binary(&group, &q, this->point.bytes, this->point.len) ==
			  0 &&
		  mbedtls_mpi_read_binary(&r, raw, size) == 0 &&
		  mbedtls_mpi_read_binary(&s, raw + size, size) == 0 &&
		  mbedtls_ecdsa_verify(&group, hash, hash_len, &q, &r, &s) == 0;
	mbedtls_ecp_group_free(&group);
	mbedtls_ecp_point_free(&q);
	mbedtls_mpi_free(&r);
	mbedtls_mpi_free(&s);
	return is_good;
}

METHOD(public_key_t, verify, bool, struct charon_ecdsa_public *this, signature_scheme_t scheme,
       void *params, chunk_t data, chunk_t signature)
{
	size_t raw_size = 2 * this->curve->field_size;
	uint8_t raw[2 * MBEDTLS_ECP_MAX_BYTES], hash[MBEDTLS_MD_MAX_SIZE];
	struct charon_ecdsa_scheme s;
	size_t hash_len;

	(void)params;
	if (!charon_ecdsa_scheme_parse(scheme, this->curve, &s))
		return FALSE;
	hash_len = charon_hash(s.md, data, hash);
	if (hash_len == 0)
		return FALSE;
	if (!s.is_der)
		return signature.len == raw_size && verify_raw(this, hash, hash_len, signature.ptr);
	return mbedtls_ecdsa_der_to_raw(this->curve->n_bits, signature.ptr, signature.len, raw,
					raw_size, &raw_size) == 0 &&
	       verify_raw(this, hash, hash_len, raw);
}

METHOD(public_key_t, encrypt, bool, struct charon_ecdsa_public *this, encryption_scheme_t scheme,
       void *params, chunk_t plain, chunk_t *crypto)
{
	(void)this;
	(void)params;
	(void)plain;
	(void)crypto;
	DBG1(DBG_LIB, "encryption scheme %N not offered", encryption_scheme_names, scheme);
	return FALSE;
}

METHOD(public_key_t, get_fingerprint, bool, struct charon_ecdsa_public *this,
       cred_encoding_type_t type, chunk_t *fingerprint)
{
	return charon_ecdsa_fingerprint(this->curve, &this->point, type, this, fingerprint);
}

METHOD(public_key_t, get_encoding, bool, struct charon_ecdsa_public *this,
       cred_encoding_type_t type, chunk_t *encoding)
{
	chunk_t spki = charon_ecdsa_spki(this->curve, &this->point);
	bool is_good;

	if (type == PUBKEY_SPKI_ASN1_DER) {
		*encoding = spki;
		return TRUE;
	}
	is_good = lib->encoding->encode(lib->encoding, type, NULL, encoding,
					CRED_PART_ECDSA_PUB_ASN1_DER, spki, CRED_PART_END);
	chunk_free(&spki);
	return is_good;
}

METHOD(public_key_t, get_ref, public_key_t *, struct charon_ecdsa_public *this)
{
	ref_get(&this->ref);
	return &this->public;
}

METHOD(public_key_t, destroy, void, struct charon_ecdsa_public *this)
{
	if (!ref_put(&this->ref))
		return;
	lib->encoding->clear_cache(lib->encoding, this);
	free(this);
}

/* Reads a point in either of SEC 1's forms that is on the curve. */
static bool point_parse(const struct charon_ecdsa_curve *curve, chunk_t bytes,
			struct charon_ecdsa_point *ret_point)
{
	mbedtls_ecp_group group;
	mbedtls_ecp_point q;
	bool is_good;

	mbedtls_ecp_group_init(&group);
	mbedtls_ecp_point_init(&q);
	is_good = mbedtls_ecp_group_load(&group, curve->id) == 0 &&
		  mbedtls_ecp_point_read_binary(&group, &q, bytes.ptr, bytes.len) == 0 &&
		  mbedtls_ecp_check_pubkey(&group, &q) == 0 &&
		  mbedtls_ecp_point_write_binary(&group, &q, MBEDTLS_ECP_PF_UNCOMPRESSED,
						 &ret_point->len, ret_point->bytes,
						 sizeof(ret_point->bytes)) == 0;
	mbedtls_ecp_group_free(&group);
	mbedtls_ecp_point_free(&q);
	return is_good;
}

/* Reads a subjectPublicKeyInfo (RFC 5480). */
static bool spki_parse(chunk_t blob, const struct charon_ecdsa_curve **ret_curve,
		       struct charon_ecdsa_point *ret_point)
{
	chunk_t spki, algorithm, oid, bits;

	if (asn1_unwrap(&blob, &spki) != ASN1_SEQUENCE ||
	    asn1_unwrap(&spki, &algorithm) != ASN1_SEQUENCE ||
	    asn1_unwrap(&algorithm, &oid) != ASN1_OID || asn1_known_oid(oid) != OID_EC_PUBLICKEY ||
	    asn1_unwrap(&spki, &bits) != ASN1_BIT_STRING || bits.len < 2 || bits.ptr[0] != 0)
		return FALSE;
	*ret_curve = charon_ecdsa_curve_parse(algorithm);
	return *ret_curve && point_parse(*ret_curve, chunk_skip(bits, 1), ret_point);
}

static public_key_t *ecdsa_public_create(chunk_t spki)
{
	struct charon_ecdsa_public *this;

	INIT(this,
	     .public = {
		     .get_type = _get_type,
		     .verify = _verify,
		     .encrypt = _encrypt,
		     .equals = public_key_equals,
		     .get_keysize = _get_keysize,
		     .get_fingerprint = _get_fingerprint,
		     .has_fingerprint = public_key_has_fingerprint,
		     .get_encoding = _get_encoding,
		     .get_ref = _get_ref,
		     .destroy = _destroy,
	     },
	     .ref = 1);
	if (!spki_parse(spki, &this->curve, &this->point)) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}

public_key_t *charon_ecdsa_public_load(key_type_t type, va_list args)
{
	chunk_t spki = chunk_empty;

	(void)type;
	while (TRUE) {
		switch (va_arg(args, builder_part_t)) {
		case BUILD_BLOB_ASN1_DER:
			spki = va_arg(args, chunk_t);
			break;
		case BUILD_END:
			return ecdsa_public_create(spki);
		default:
			return NULL;
		}
	}
}
