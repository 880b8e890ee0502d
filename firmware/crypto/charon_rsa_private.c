/* private_key_t on Mbed TLS: RSA signatures of our own.
 *
 * The padding is state of Mbed TLS's context, so a lock spans setting it and
 * signing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_rsa.h"

#include <threading/mutex.h>

#include "crypto/drbg.h"

struct charon_rsa_private {
	private_key_t public;
	mbedtls_rsa_context rsa;
	mutex_t *mutex;
	refcount_t ref;
};

METHOD(private_key_t, get_type, key_type_t, struct charon_rsa_private *this)
{
	(void)this;
	return KEY_RSA;
}

METHOD(private_key_t, get_keysize, int, struct charon_rsa_private *this)
{
	return (int)mbedtls_rsa_get_bitlen(&this->rsa);
}

/* To be called with the lock held. */
static int sign_hash(mbedtls_rsa_context *rsa, const struct charon_rsa_scheme *s,
		     const uint8_t *hash, unsigned int hash_len, uint8_t *ret_signature)
{
	int error = mbedtls_rsa_set_padding(
		rsa, s->is_pss ? MBEDTLS_RSA_PKCS_V21 : MBEDTLS_RSA_PKCS_V15, s->mgf1_md);

	if (error)
		return error;
	if (s->is_pss)
		return mbedtls_rsa_rsassa_pss_sign_ext(rsa, drbg_random, NULL, s->md, hash_len,
						       hash, s->salt_len, ret_signature);
	return mbedtls_rsa_rsassa_pkcs1_v15_sign(rsa, drbg_random, NULL, s->md, hash_len, hash,
						 ret_signature);
}

/* Mbed TLS hashes with one hash for PSS's encoding and mask, so they must not
 * differ. */
METHOD(private_key_t, sign, bool, struct charon_rsa_private *this, signature_scheme_t scheme,
       void *params, chunk_t data, chunk_t *signature)
{
	struct charon_rsa_scheme s;
	uint8_t hash[MBEDTLS_MD_MAX_SIZE];
	unsigned int hash_len;
	int error;

	if (!charon_rsa_scheme_parse(scheme, params, mbedtls_rsa_get_bitlen(&this->rsa), &s) ||
	    (s.is_pss && s.md != s.mgf1_md)) {
		DBG1(DBG_LIB, "signature scheme %N not offered for RSA", signature_scheme_names,
		     scheme);
		return FALSE;
	}
	hash_len = (unsigned int)charon_hash(s.md, data, hash);
	if (hash_len == 0)
		return FALSE;
	*signature = chunk_alloc(mbedtls_rsa_get_len(&this->rsa));
	this->mutex->lock(this->mutex);
	error = sign_hash(&this->rsa, &s, hash, hash_len, signature->ptr);
	this->mutex->unlock(this->mutex);
	if (error)
		chunk_free(signature);
	return !error;
}

METHOD(private_key_t, decrypt, bool, struct charon_rsa_private *this, encryption_scheme_t scheme,
       void *params, chunk_t crypto, chunk_t *plain)
{
	(void)this;
	(void)params;
	(void)crypto;
	(void)plain;
	DBG1(DBG_LIB, "encryption scheme %N not offered", encryption_scheme_names, scheme);
	return FALSE;
}

METHOD(private_key_t, get_public_key, public_key_t *, struct charon_rsa_private *this)
{
	public_key_t *public;
	chunk_t n, e;

	if (!charon_rsa_public_parts(&this->rsa, &n, &e))
		return NULL;
	public = lib->creds->create(lib->creds, CRED_PUBLIC_KEY, KEY_RSA, BUILD_RSA_MODULUS, n,
				    BUILD_RSA_PUB_EXP, e, BUILD_END);
	chunk_free(&n);
	chunk_free(&e);
	return public;
}

METHOD(private_key_t, get_fingerprint, bool, struct charon_rsa_private *this,
       cred_encoding_type_t type, chunk_t *fingerprint)
{
	return lib->encoding->get_cache(lib->encoding, type, this, fingerprint) ||
	       charon_rsa_encode(&this->rsa, type, this, fingerprint);
}

/* A private key does not leave the process. */
METHOD(private_key_t, get_encoding, bool, struct charon_rsa_private *this,
       cred_encoding_type_t type, chunk_t *encoding)
{
	(void)this;
	(void)type;
	(void)encoding;
	return FALSE;
}

METHOD(private_key_t, get_ref, private_key_t *, struct charon_rsa_private *this)
{
	ref_get(&this->ref);
	return &this->public;
}

METHOD(private_key_t, destroy, void, struct charon_rsa_private *this)
{
	if (!ref_put(&this->ref))
		return;
	lib->encoding->clear_cache(lib->encoding, this);
	mbedtls_rsa_free(&this->rsa);
	this->mutex->destroy(this->mutex);
	free(this);
}

struct rsa_parts {
	chunk_t n, e, d, p, q;
};

/* The CRT values are made anew from p and q, so that wrong ones cannot leak
 * the key. */
static bool import(mbedtls_rsa_context *rsa, const struct rsa_parts *parts)
{
	return mbedtls_rsa_import_raw(rsa, parts->n.ptr, parts->n.len, parts->p.ptr, parts->p.len,
				      parts->q.ptr, parts->q.len, parts->d.ptr, parts->d.len,
				      parts->e.ptr, parts->e.len) == 0 &&
	       mbedtls_rsa_complete(rsa) == 0 && mbedtls_rsa_check_privkey(rsa) == 0;
}

static private_key_t *rsa_private_create(const struct rsa_parts *parts)
{
	struct charon_rsa_private *this;

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
	     .mutex = mutex_create(MUTEX_TYPE_DEFAULT), .ref = 1);
	mbedtls_rsa_init(&this->rsa);
	if (!import(&this->rsa, parts)) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}

private_key_t *charon_rsa_private_load(key_type_t type, va_list args)
{
	struct rsa_parts parts = {};

	(void)type;
	while (TRUE) {
		switch (va_arg(args, builder_part_t)) {
		case BUILD_RSA_MODULUS:
			parts.n = va_arg(args, chunk_t);
			break;
		case BUILD_RSA_PUB_EXP:
			parts.e = va_arg(args, chunk_t);
			break;
		case BUILD_RSA_PRIV_EXP:
			parts.d = va_arg(args, chunk_t);
			break;
		case BUILD_RSA_PRIME1:
			parts.p = va_arg(args, chunk_t);
			break;
		case BUILD_RSA_PRIME2:
			parts.q = va_arg(args, chunk_t);
			break;
		case BUILD_RSA_EXP1:
		case BUILD_RSA_EXP2:
		case BUILD_RSA_COEFF:
			va_arg(args, chunk_t);
			break;
		case BUILD_END:
			return rsa_private_create(&parts);
		default:
			return NULL;
		}
	}
}
