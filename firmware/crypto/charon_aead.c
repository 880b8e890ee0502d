/* aead_t on Mbed TLS: AES-GCM as IKEv2 uses it (RFC 5282, nonce as in RFC
 * 4106).
 *
 * The key material is the AES key and 4 bytes of salt; the nonce is that salt
 * and the 8 bytes of IV that travel in the message; the ICV follows the
 * ciphertext.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_crypto.h"

#include <crypto/iv/iv_gen_seq.h>
#include <mbedtls/gcm.h>

enum { SALT_BYTES = 4, IV_BYTES = 8, NONCE_BYTES = SALT_BYTES + IV_BYTES };

struct charon_aead {
	aead_t public;
	mbedtls_gcm_context gcm;
	iv_gen_t *iv_gen;
	size_t key_size; /* without the salt */
	size_t icv_size;
	uint8_t salt[SALT_BYTES];
	bool has_key;
};

METHOD(aead_t, get_block_size, size_t, struct charon_aead *this)
{
	(void)this;
	return 1;
}

METHOD(aead_t, get_icv_size, size_t, struct charon_aead *this)
{
	return this->icv_size;
}

METHOD(aead_t, get_iv_size, size_t, struct charon_aead *this)
{
	(void)this;
	return IV_BYTES;
}

METHOD(aead_t, get_iv_gen, iv_gen_t *, struct charon_aead *this)
{
	return this->iv_gen;
}

METHOD(aead_t, get_key_size, size_t, struct charon_aead *this)
{
	return this->key_size + SALT_BYTES;
}

METHOD(aead_t, set_key, bool, struct charon_aead *this, chunk_t key)
{
	if (key.len != get_key_size(this))
		return FALSE;
	memcpy(this->salt, key.ptr + this->key_size, SALT_BYTES);
	this->has_key = mbedtls_gcm_setkey(&this->gcm, MBEDTLS_CIPHER_ID_AES, key.ptr,
					   (unsigned int)this->key_size * 8) == 0;
	return this->has_key;
}

static bool make_nonce(struct charon_aead *this, chunk_t iv, uint8_t ret_nonce[NONCE_BYTES])
{
	if (!this->has_key || iv.len != IV_BYTES)
		return FALSE;
	memcpy(ret_nonce, this->salt, SALT_BYTES);
	memcpy(ret_nonce + SALT_BYTES, iv.ptr, IV_BYTES);
	return TRUE;
}

/* In place, the caller's buffer has room for the ICV behind `plain.len`
 * (aead.h). */
METHOD(aead_t, encrypt, bool, struct charon_aead *this, chunk_t plain, chunk_t assoc, chunk_t iv,
       chunk_t *encrypted)
{
	uint8_t nonce[NONCE_BYTES];
	uint8_t *out = plain.ptr;

	if (!make_nonce(this, iv, nonce))
		return FALSE;
	if (encrypted) {
		*encrypted = chunk_alloc(plain.len + this->icv_size);
		out = encrypted->ptr;
	}
	if (mbedtls_gcm_crypt_and_tag(&this->gcm, MBEDTLS_GCM_ENCRYPT, plain.len, nonce,
				      NONCE_BYTES, assoc.ptr, assoc.len, plain.ptr, out,
				      this->icv_size, out + plain.len) == 0)
		return TRUE;
	if (encrypted)
		chunk_clear(encrypted);
	return FALSE;
}

/* On failure Mbed TLS leaves zeros in the output. */
METHOD(aead_t, decrypt, bool, struct charon_aead *this, chunk_t encrypted, chunk_t assoc,
       chunk_t iv, chunk_t *plain)
{
	uint8_t nonce[NONCE_BYTES];
	uint8_t *out = encrypted.ptr;
	size_t len;

	if (encrypted.len < this->icv_size || !make_nonce(this, iv, nonce))
		return FALSE;
	len = encrypted.len - this->icv_size;
	if (plain) {
		*plain = chunk_alloc(len);
		out = plain->ptr;
	}
	if (mbedtls_gcm_auth_decrypt(&this->gcm, len, nonce, NONCE_BYTES, assoc.ptr, assoc.len,
				     encrypted.ptr + len, this->icv_size, encrypted.ptr, out) == 0)
		return TRUE;
	if (plain)
		chunk_free(plain);
	return FALSE;
}

METHOD(aead_t, destroy, void, struct charon_aead *this)
{
	mbedtls_gcm_free(&this->gcm);
	this->iv_gen->destroy(this->iv_gen);
	memwipe(this->salt, SALT_BYTES);
	free(this);
}

static size_t icv_size_of(encryption_algorithm_t algorithm)
{
	static const struct {
		encryption_algorithm_t algorithm;
		size_t icv_size;
	} icvs[] = {
		{ ENCR_AES_GCM_ICV16, 16 },
		{ ENCR_AES_GCM_ICV12, 12 },
		{ ENCR_AES_GCM_ICV8, 8 },
	};

	for (size_t i = 0; i < countof(icvs); i++)
		if (icvs[i].algorithm == algorithm)
			return icvs[i].icv_size;
	return 0;
}

aead_t *charon_aead_create(encryption_algorithm_t algorithm, size_t key_size, size_t salt_size)
{
	size_t icv_size = icv_size_of(algorithm);
	struct charon_aead *this;

	if (key_size == 0)
		key_size = 16;
	if (icv_size == 0 || (key_size != 16 && key_size != 24 && key_size != 32) ||
	    (salt_size != 0 && salt_size != SALT_BYTES))
		return NULL;
	INIT(this,
	     .public = {
		     .encrypt = _encrypt,
		     .decrypt = _decrypt,
		     .get_block_size = _get_block_size,
		     .get_icv_size = _get_icv_size,
		     .get_iv_size = _get_iv_size,
		     .get_iv_gen = _get_iv_gen,
		     .get_key_size = _get_key_size,
		     .set_key = _set_key,
		     .destroy = _destroy,
	     },
	     .iv_gen = iv_gen_seq_create(), .key_size = key_size, .icv_size = icv_size);
	mbedtls_gcm_init(&this->gcm);
	return &this->public;
}
