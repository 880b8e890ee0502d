/* public_key_t on Mbed TLS: RSA signatures of peers and certificates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_rsa.h"

struct charon_rsa_public {
	public_key_t public;
	mbedtls_rsa_context rsa;
	refcount_t ref;
};

METHOD(public_key_t, get_type, key_type_t, struct charon_rsa_public *this)
{
	(void)this;
	return KEY_RSA;
}

METHOD(public_key_t, get_keysize, int, struct charon_rsa_public *this)
{
	return (int)mbedtls_rsa_get_bitlen(&this->rsa);
}

/* The signature must be as long as the modulus (RFC 8017 section 8.1.2,
 * 8.2.2). */
METHOD(public_key_t, verify, bool, struct charon_rsa_public *this, signature_scheme_t scheme,
       void *params, chunk_t data, chunk_t signature)
{
	struct charon_rsa_scheme s;
	uint8_t hash[MBEDTLS_MD_MAX_SIZE];
	unsigned int hash_len;

	if (!charon_rsa_scheme_parse(scheme, params, mbedtls_rsa_get_bitlen(&this->rsa), &s)) {
		DBG1(DBG_LIB, "signature scheme %N not offered for RSA", signature_scheme_names,
		     scheme);
		return FALSE;
	}
	hash_len = (unsigned int)charon_hash(s.md, data, hash);
	if (hash_len == 0 || signature.len != mbedtls_rsa_get_len(&this->rsa))
		return FALSE;
	if (s.is_pss)
		return mbedtls_rsa_rsassa_pss_verify_ext(&this->rsa, s.md, hash_len, hash,
							 s.mgf1_md, s.salt_len, signature.ptr) == 0;
	return mbedtls_rsa_rsassa_pkcs1_v15_verify(&this->rsa, s.md, hash_len, hash,
						   signature.ptr) == 0;
}

METHOD(public_key_t, encrypt, bool, struct charon_rsa_public *this, encryption_scheme_t scheme,
       void *params, chunk_t plain, chunk_t *crypto)
{
	(void)this;
	(void)params;
	(void)plain;
	(void)crypto;
	DBG1(DBG_LIB, "encryption scheme %N not offered", encryption_scheme_names, scheme);
	return FALSE;
}

METHOD(public_key_t, get_fingerprint, bool, struct charon_rsa_public *this,
       cred_encoding_type_t type, chunk_t *fingerprint)
{
	return lib->encoding->get_cache(lib->encoding, type, this, fingerprint) ||
	       charon_rsa_encode(&this->rsa, type, this, fingerprint);
}

METHOD(public_key_t, get_encoding, bool, struct charon_rsa_public *this, cred_encoding_type_t type,
       chunk_t *encoding)
{
	return charon_rsa_encode(&this->rsa, type, NULL, encoding);
}

METHOD(public_key_t, get_ref, public_key_t *, struct charon_rsa_public *this)
{
	ref_get(&this->ref);
	return &this->public;
}

METHOD(public_key_t, destroy, void, struct charon_rsa_public *this)
{
	if (!ref_put(&this->ref))
		return;
	lib->encoding->clear_cache(lib->encoding, this);
	mbedtls_rsa_free(&this->rsa);
	free(this);
}

static public_key_t *rsa_public_create(chunk_t n, chunk_t e)
{
	struct charon_rsa_public *this;

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
	mbedtls_rsa_init(&this->rsa);
	if (mbedtls_rsa_import_raw(&this->rsa, n.ptr, n.len, NULL, 0, NULL, 0, NULL, 0, e.ptr,
				   e.len) ||
	    mbedtls_rsa_complete(&this->rsa) || mbedtls_rsa_check_pubkey(&this->rsa)) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}

public_key_t *charon_rsa_public_load(key_type_t type, va_list args)
{
	chunk_t n = chunk_empty, e = chunk_empty;

	(void)type;
	while (TRUE) {
		switch (va_arg(args, builder_part_t)) {
		case BUILD_RSA_MODULUS:
			n = va_arg(args, chunk_t);
			break;
		case BUILD_RSA_PUB_EXP:
			e = va_arg(args, chunk_t);
			break;
		case BUILD_END:
			return n.len && e.len ? rsa_public_create(n, e) : NULL;
		default:
			return NULL;
		}
	}
}
