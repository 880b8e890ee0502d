/* Deliberately broken algorithms, to show that crypto-vectors bites.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sabotage.h"

#include <string.h>

#include "crypto/charon_crypto.h"

static const struct sabotage sabotages[] = {
	{ "hasher", "HASH_SHA2_256", 0, "one bit of the hash is flipped" },
	{ "prf", "PRF_HMAC_SHA1", 0, "one bit of the output is flipped" },
	{ "signer", "HMAC_SHA1_96", 0, "any signature is taken for a good one" },
	{ "crypter", "AES_CBC", 192, "one bit of the ciphertext is flipped" },
	{ "decrypter", "3DES_CBC", 192, "decryption leaves the ciphertext as it is" },
	{ "aead-tag", "AES_GCM_16", 256, "the ICV is wrong" },
	{ "ke-ecp", "ECP_384", 0, "the shared secret is one too large" },
	{ "ke-modp", "MODP_1024", 0, "the public value is one too large" },
	{ "rng", "RNG_STRONG", 0, "all bytes are the same" },
};

static const struct sabotage *chosen;

/* The good methods behind the broken ones. */
static struct {
	typeof(((hasher_t *)0)->get_hash) get_hash;
	typeof(((prf_t *)0)->get_bytes) get_bytes;
	typeof(((crypter_t *)0)->encrypt) encrypt;
	typeof(((aead_t *)0)->encrypt) aead_encrypt;
	typeof(((key_exchange_t *)0)->get_shared_secret) get_shared_secret;
	typeof(((key_exchange_t *)0)->get_public_key) get_public_key;
} good;

const struct sabotage *sabotage_get(size_t i)
{
	return i < countof(sabotages) ? &sabotages[i] : NULL;
}

const struct sabotage *sabotage_choose(const char *name)
{
	for (size_t i = 0; i < countof(sabotages); i++)
		if (strcmp(sabotages[i].name, name) == 0)
			return chosen = &sabotages[i];
	return NULL;
}

static bool is_chosen(const char *name)
{
	return chosen && strcmp(chosen->name, name) == 0;
}

static bool bad_get_hash(hasher_t *this, chunk_t data, uint8_t *hash)
{
	bool is_good = good.get_hash(this, data, hash);

	if (hash)
		hash[0] ^= 1;
	return is_good;
}

hasher_t *__real_charon_hasher_create(hash_algorithm_t algorithm);
hasher_t *__wrap_charon_hasher_create(hash_algorithm_t algorithm);
hasher_t *__wrap_charon_hasher_create(hash_algorithm_t algorithm)
{
	hasher_t *hasher = __real_charon_hasher_create(algorithm);

	if (is_chosen("hasher") && algorithm == HASH_SHA256) {
		good.get_hash = hasher->get_hash;
		hasher->get_hash = bad_get_hash;
	}
	return hasher;
}

static bool bad_get_bytes(prf_t *this, chunk_t seed, uint8_t *bytes)
{
	bool is_good = good.get_bytes(this, seed, bytes);

	if (bytes)
		bytes[0] ^= 1;
	return is_good;
}

prf_t *__real_charon_prf_create(pseudo_random_function_t algorithm);
prf_t *__wrap_charon_prf_create(pseudo_random_function_t algorithm);
prf_t *__wrap_charon_prf_create(pseudo_random_function_t algorithm)
{
	prf_t *prf = __real_charon_prf_create(algorithm);

	if (is_chosen("prf") && algorithm == PRF_HMAC_SHA1) {
		good.get_bytes = prf->get_bytes;
		prf->get_bytes = bad_get_bytes;
	}
	return prf;
}

static bool bad_verify_signature(signer_t *this, chunk_t data, chunk_t signature)
{
	uint8_t ignored[HASH_SIZE_SHA512];

	(void)signature;
	return this->get_signature(this, data, ignored);
}

signer_t *__real_charon_signer_create(integrity_algorithm_t algorithm);
signer_t *__wrap_charon_signer_create(integrity_algorithm_t algorithm);
signer_t *__wrap_charon_signer_create(integrity_algorithm_t algorithm)
{
	signer_t *signer = __real_charon_signer_create(algorithm);

	if (is_chosen("signer") && algorithm == AUTH_HMAC_SHA1_96)
		signer->verify_signature = bad_verify_signature;
	return signer;
}

static bool bad_encrypt(crypter_t *this, chunk_t data, chunk_t iv, chunk_t *encrypted)
{
	bool is_good = good.encrypt(this, data, iv, encrypted);

	(encrypted ? *encrypted : data).ptr[0] ^= 1;
	return is_good;
}

static bool bad_decrypt(crypter_t *this, chunk_t data, chunk_t iv, chunk_t *decrypted)
{
	(void)this;
	(void)iv;
	if (decrypted)
		*decrypted = chunk_clone(data);
	return true;
}

crypter_t *__real_charon_crypter_create(encryption_algorithm_t algorithm, size_t key_size);
crypter_t *__wrap_charon_crypter_create(encryption_algorithm_t algorithm, size_t key_size);
crypter_t *__wrap_charon_crypter_create(encryption_algorithm_t algorithm, size_t key_size)
{
	crypter_t *crypter = __real_charon_crypter_create(algorithm, key_size);

	if (is_chosen("crypter") && algorithm == ENCR_AES_CBC && key_size == 24) {
		good.encrypt = crypter->encrypt;
		crypter->encrypt = bad_encrypt;
	}
	if (is_chosen("decrypter") && algorithm == ENCR_3DES)
		crypter->decrypt = bad_decrypt;
	return crypter;
}

static bool bad_aead_encrypt(aead_t *this, chunk_t plain, chunk_t assoc, chunk_t iv,
			     chunk_t *encrypted)
{
	bool is_good = good.aead_encrypt(this, plain, assoc, iv, encrypted);

	(encrypted ? *encrypted : plain).ptr[plain.len] ^= 1;
	return is_good;
}

aead_t *__real_charon_aead_create(encryption_algorithm_t algorithm, size_t key_size, size_t salt);
aead_t *__wrap_charon_aead_create(encryption_algorithm_t algorithm, size_t key_size, size_t salt);
aead_t *__wrap_charon_aead_create(encryption_algorithm_t algorithm, size_t key_size, size_t salt)
{
	aead_t *aead = __real_charon_aead_create(algorithm, key_size, salt);

	if (is_chosen("aead-tag") && algorithm == ENCR_AES_GCM_ICV16 && key_size == 32) {
		good.aead_encrypt = aead->encrypt;
		aead->encrypt = bad_aead_encrypt;
	}
	return aead;
}

static bool bad_get_shared_secret(key_exchange_t *this, chunk_t *secret)
{
	bool is_good = good.get_shared_secret(this, secret);

	if (is_good)
		secret->ptr[secret->len - 1]++;
	return is_good;
}

key_exchange_t *__real_charon_ke_ec_create(key_exchange_method_t method, ...);
key_exchange_t *__wrap_charon_ke_ec_create(key_exchange_method_t method, ...);
key_exchange_t *__wrap_charon_ke_ec_create(key_exchange_method_t method, ...)
{
	key_exchange_t *ke = __real_charon_ke_ec_create(method);

	if (is_chosen("ke-ecp") && method == ECP_384_BIT) {
		good.get_shared_secret = ke->get_shared_secret;
		ke->get_shared_secret = bad_get_shared_secret;
	}
	return ke;
}

static bool bad_get_public_key(key_exchange_t *this, chunk_t *value)
{
	bool is_good = good.get_public_key(this, value);

	if (is_good)
		value->ptr[value->len - 1]++;
	return is_good;
}

key_exchange_t *__real_charon_ke_modp_create(key_exchange_method_t method, ...);
key_exchange_t *__wrap_charon_ke_modp_create(key_exchange_method_t method, ...);
key_exchange_t *__wrap_charon_ke_modp_create(key_exchange_method_t method, ...)
{
	key_exchange_t *ke = __real_charon_ke_modp_create(method);

	if (is_chosen("ke-modp") && method == MODP_1024_BIT) {
		good.get_public_key = ke->get_public_key;
		ke->get_public_key = bad_get_public_key;
	}
	return ke;
}

static bool bad_rng_get_bytes(rng_t *this, size_t len, uint8_t *buffer)
{
	(void)this;
	memset(buffer, 0x55, len);
	return true;
}

rng_t *__real_charon_rng_create(rng_quality_t quality);
rng_t *__wrap_charon_rng_create(rng_quality_t quality);
rng_t *__wrap_charon_rng_create(rng_quality_t quality)
{
	rng_t *rng = __real_charon_rng_create(quality);

	if (is_chosen("rng") && quality == RNG_STRONG)
		rng->get_bytes = bad_rng_get_bytes;
	return rng;
}
