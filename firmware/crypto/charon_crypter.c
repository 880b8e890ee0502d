/* crypter_t on Mbed TLS: AES-CBC and 3DES-CBC, for IKE's own messages and
 * encrypted key files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_crypto.h"

#include <mbedtls/cipher.h>

struct charon_crypter {
	crypter_t public;
	mbedtls_cipher_context_t encryption;
	mbedtls_cipher_context_t decryption;
	bool has_key;
};

/* The first row of an algorithm is the one meant by a key size of 0. */
static const struct {
	encryption_algorithm_t algorithm;
	size_t key_size;
	mbedtls_cipher_type_t type;
} ciphers[] = {
	{ ENCR_3DES, 24, MBEDTLS_CIPHER_DES_EDE3_CBC },
	{ ENCR_AES_CBC, 16, MBEDTLS_CIPHER_AES_128_CBC },
	{ ENCR_AES_CBC, 24, MBEDTLS_CIPHER_AES_192_CBC },
	{ ENCR_AES_CBC, 32, MBEDTLS_CIPHER_AES_256_CBC },
};

METHOD(crypter_t, get_block_size, size_t, struct charon_crypter *this)
{
	return mbedtls_cipher_get_block_size(&this->encryption);
}

METHOD(crypter_t, get_iv_size, size_t, struct charon_crypter *this)
{
	return mbedtls_cipher_get_iv_size(&this->encryption);
}

METHOD(crypter_t, get_key_size, size_t, struct charon_crypter *this)
{
	return mbedtls_cipher_get_key_bitlen(&this->encryption) / 8;
}

/* Into a new chunk, or in place when `out` is NULL. */
static bool run_cipher(mbedtls_cipher_context_t *cipher, chunk_t data, chunk_t iv, chunk_t *out)
{
	uint8_t *target = data.ptr;
	size_t len;

	if (iv.len != (size_t)mbedtls_cipher_get_iv_size(cipher) ||
	    data.len % mbedtls_cipher_get_block_size(cipher))
		return FALSE;
	if (out) {
		*out = chunk_alloc(data.len);
		target = out->ptr;
	}
	if (mbedtls_cipher_crypt(cipher, iv.ptr, iv.len, data.ptr, data.len, target, &len) == 0)
		return TRUE;
	if (out)
		chunk_clear(out);
	return FALSE;
}

METHOD(crypter_t, encrypt, bool, struct charon_crypter *this, chunk_t data, chunk_t iv,
       chunk_t *encrypted)
{
	return this->has_key && run_cipher(&this->encryption, data, iv, encrypted);
}

METHOD(crypter_t, decrypt, bool, struct charon_crypter *this, chunk_t data, chunk_t iv,
       chunk_t *decrypted)
{
	return this->has_key && run_cipher(&this->decryption, data, iv, decrypted);
}

METHOD(crypter_t, set_key, bool, struct charon_crypter *this, chunk_t key)
{
	int bits = (int)key.len * 8;

	this->has_key =
		key.len == get_key_size(this) &&
		mbedtls_cipher_setkey(&this->encryption, key.ptr, bits, MBEDTLS_ENCRYPT) == 0 &&
		mbedtls_cipher_setkey(&this->decryption, key.ptr, bits, MBEDTLS_DECRYPT) == 0;
	return this->has_key;
}

METHOD(crypter_t, destroy, void, struct charon_crypter *this)
{
	mbedtls_cipher_free(&this->encryption);
	mbedtls_cipher_free(&this->decryption);
	free(this);
}

static bool setup(mbedtls_cipher_context_t *cipher, mbedtls_cipher_type_t type)
{
	return mbedtls_cipher_setup(cipher, mbedtls_cipher_info_from_type(type)) == 0 &&
	       mbedtls_cipher_set_padding_mode(cipher, MBEDTLS_PADDING_NONE) == 0;
}

crypter_t *charon_crypter_create(encryption_algorithm_t algorithm, size_t key_size)
{
	struct charon_crypter *this;
	size_t i;

	for (i = 0; i < countof(ciphers); i++)
		if (ciphers[i].algorithm == algorithm &&
		    (key_size == 0 || ciphers[i].key_size == key_size))
			break;
	if (i == countof(ciphers))
		return NULL;
	INIT(this, .public = {
			   .encrypt = _encrypt,
			   .decrypt = _decrypt,
			   .get_block_size = _get_block_size,
			   .get_iv_size = _get_iv_size,
			   .get_key_size = _get_key_size,
			   .set_key = _set_key,
			   .destroy = _destroy,
		   });
	mbedtls_cipher_init(&this->encryption);
	mbedtls_cipher_init(&this->decryption);
	if (!setup(&this->encryption, ciphers[i].type) ||
	    !setup(&this->decryption, ciphers[i].type)) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}
