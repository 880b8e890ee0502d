/* What the vectors do not ask of ciphers, MACs and the random generator:
 * forgeries, wrong sizes, use without a key, and a kernel without randomness.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fixture.h"

#include "crypto/crypto.h"
#include "crypto/drbg.h"

static uint8_t key_bytes[36] = { 1, 2, 3 };
static uint8_t iv_bytes[8] = { 4, 5, 6 };

/* The linker's --wrap puts this before the generator's seeding. */
static bool is_kernel_mute;

bool __real_drbg_init(void);
bool __wrap_drbg_init(void);
bool __wrap_drbg_init(void)
{
	return !is_kernel_mute && __real_drbg_init();
}

static const struct {
	encryption_algorithm_t algorithm;
	size_t icv_size;
} aeads[] = {
	{ ENCR_AES_GCM_ICV16, 16 },
	{ ENCR_AES_GCM_ICV12, 12 },
	{ ENCR_AES_GCM_ICV8, 8 },
};

static aead_t *make_aead(size_t i)
{
	aead_t *aead = lib->crypto->create_aead(lib->crypto, aeads[i].algorithm, 32, 4);

	assert_non_null(aead);
	assert_int_equal(aead->get_icv_size(aead), aeads[i].icv_size);
	assert_int_equal(aead->get_iv_size(aead), 8);
	assert_int_equal(aead->get_key_size(aead), 36);
	return aead;
}

/* Refused both ways of decrypting; in place, no plain text is left behind. */
static void assert_forgery(aead_t *aead, chunk_t message, chunk_t assoc, chunk_t iv)
{
	chunk_t copy = chunk_clone(message), plain;
	uint8_t secret[] = "attack at dawn";

	assert_false(aead->decrypt(aead, message, assoc, iv, &plain));
	assert_false(aead->decrypt(aead, copy, assoc, iv, NULL));
	assert_int_not_equal(memcmp(copy.ptr, secret, 8), 0);
	chunk_free(&copy);
}

static void aead_refuses_what_was_changed(void **state)
{
	chunk_t text = chunk_from_str("attack at dawn"), assoc = chunk_from_str("header");
	chunk_t iv = chunk_from_thing(iv_bytes);

	(void)state;
	for (size_t i = 0; i < countof(aeads); i++) {
		aead_t *aead = make_aead(i);
		chunk_t message, plain;

		assert_true(aead->set_key(aead, chunk_from_thing(key_bytes)));
		assert_true(aead->encrypt(aead, text, assoc, iv, &message));
		assert_int_equal(message.len, text.len + aeads[i].icv_size);
		assert_true(aead->decrypt(aead, message, assoc, iv, &plain));
		assert_true(chunk_equals(plain, text));
		chunk_free(&plain);
		for (size_t j = 0; j < message.len; j++) {
			message.ptr[j] ^= 0x80;
			assert_forgery(aead, message, assoc, iv);
			message.ptr[j] ^= 0x80;
		}
		assert_forgery(aead, message, chunk_from_str("Header"), iv);
		assert_false(aead->decrypt(aead, chunk_create(message.ptr, aeads[i].icv_size - 1),
					   assoc, iv, &plain));
		chunk_free(&message);
		aead->destroy(aead);
	}
}

static void aead_needs_a_key_and_the_right_sizes(void **state)
{
	chunk_t text = chunk_from_str("attack at dawn"), iv = chunk_from_thing(iv_bytes), out;
	aead_t *aead = make_aead(0);

	(void)state;
	assert_false(aead->encrypt(aead, text, chunk_empty, iv, &out));
	assert_false(aead->set_key(aead, chunk_create(key_bytes, 32)));
	assert_false(aead->encrypt(aead, text, chunk_empty, iv, &out));
	assert_true(aead->set_key(aead, chunk_create(key_bytes, 36)));
	assert_false(aead->encrypt(aead, text, chunk_empty, chunk_create(iv_bytes, 7), &out));
	aead->destroy(aead);
	assert_null(lib->crypto->create_aead(lib->crypto, ENCR_AES_GCM_ICV16, 20, 4));
	assert_null(lib->crypto->create_aead(lib->crypto, ENCR_AES_GCM_ICV16, 32, 3));
	assert_null(lib->crypto->create_aead(lib->crypto, ENCR_AES_CCM_ICV16, 32, 3));
}

static void crypter_needs_a_key_and_whole_blocks(void **state)
{
	crypter_t *crypter = lib->crypto->create_crypter(lib->crypto, ENCR_AES_CBC, 32);
	uint8_t data[32] = {}, iv[16] = {};
	chunk_t out;

	(void)state;
	assert_non_null(crypter);
	assert_false(crypter->encrypt(crypter, chunk_from_thing(data), chunk_from_thing(iv), &out));
	assert_false(crypter->set_key(crypter, chunk_create(key_bytes, 16)));
	assert_false(crypter->decrypt(crypter, chunk_from_thing(data), chunk_from_thing(iv), &out));
	assert_true(crypter->set_key(crypter, chunk_create(key_bytes, 32)));
	assert_false(crypter->encrypt(crypter, chunk_create(data, 31), chunk_from_thing(iv), &out));
	assert_false(crypter->encrypt(crypter, chunk_from_thing(data), chunk_create(iv, 8), &out));
	assert_true(crypter->encrypt(crypter, chunk_from_thing(data), chunk_from_thing(iv), &out));
	assert_int_equal(out.len, sizeof(data));
	chunk_free(&out);
	crypter->destroy(crypter);
	assert_null(lib->crypto->create_crypter(lib->crypto, ENCR_AES_CBC, 20));
	assert_null(lib->crypto->create_crypter(lib->crypto, ENCR_3DES, 16));
	assert_null(lib->crypto->create_crypter(lib->crypto, ENCR_DES, 8));
	assert_null(lib->crypto->create_crypter(lib->crypto, ENCR_NULL, 0));
}

static void mac_needs_a_key(void **state)
{
	prf_t *prf = lib->crypto->create_prf(lib->crypto, PRF_HMAC_SHA2_384);
	signer_t *signer = lib->crypto->create_signer(lib->crypto, AUTH_HMAC_SHA2_256_128);
	uint8_t out[48];

	(void)state;
	assert_true(prf && signer);
	assert_false(prf->get_bytes(prf, chunk_from_str("seed"), out));
	assert_false(signer->get_signature(signer, chunk_from_str("data"), out));
	assert_false(
		signer->verify_signature(signer, chunk_from_str("data"), chunk_create(out, 16)));
	assert_true(prf->set_key(prf, chunk_empty)); /* HMAC takes any length */
	assert_true(prf->get_bytes(prf, chunk_from_str("seed"), out));
	prf->destroy(prf);
	signer->destroy(signer);
}

/* More than one request of CTR_DRBG, whose bound is 1,024 bytes. */
static void random_bytes_come_in_any_number(void **state)
{
	rng_t *rng = lib->crypto->create_rng(lib->crypto, RNG_STRONG);
	chunk_t a, b;

	(void)state;
	assert_non_null(rng);
	assert_true(rng->allocate_bytes(rng, 5000, &a));
	assert_true(rng->allocate_bytes(rng, 5000, &b));
	for (size_t i = 0; i < 5000; i += 500)
		assert_int_not_equal(memcmp(a.ptr + i, b.ptr + i, 32), 0);
	assert_true(rng->get_bytes(rng, 0, a.ptr));
	chunk_free(&a);
	chunk_free(&b);
	rng->destroy(rng);
	assert_null(lib->crypto->create_rng(lib->crypto, RNG_TRUE));
}

/* A group of its own: brings its own library. */
static void nothing_loads_without_a_seed(void **state)
{
	uint8_t byte = 0;

	(void)state;
	assert_true(library_init("", "unit-crypto"));
	dbg_default_set_level(LEVEL_SILENT);
	crypto_register();
	is_kernel_mute = true;
	assert_false(lib->plugins->load(lib->plugins, ""));
	assert_null(lib->crypto->create_rng(lib->crypto, RNG_WEAK));
	assert_null(lib->crypto->create_ke(lib->crypto, ECP_256_BIT));
	assert_null(lib->crypto->create_ke(lib->crypto, MODP_1024_BIT));
	assert_int_not_equal(drbg_random(NULL, &byte, 1), 0);
	is_kernel_mute = false;
	library_deinit();
}

int main(void)
{
	const struct CMUnitTest loaded[] = {
		cmocka_unit_test(aead_refuses_what_was_changed),
		cmocka_unit_test(aead_needs_a_key_and_the_right_sizes),
		cmocka_unit_test(crypter_needs_a_key_and_whole_blocks),
		cmocka_unit_test(mac_needs_a_key),
		cmocka_unit_test(random_bytes_come_in_any_number),
	};
	const struct CMUnitTest mute[] = {
		cmocka_unit_test(nothing_loads_without_a_seed),
	};

	return cmocka_run_group_tests(loaded, fixture_setup, fixture_teardown) +
	       cmocka_run_group_tests(mute, NULL, NULL);
}
