/* Key exchanges: both sides agree, values have their fixed length, and no bad
 * public value of a peer is taken. The secrets themselves are checked by
 * crypto-vectors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fixture.h"

#include <mbedtls/bignum.h>

#include "crypto/drbg.h"

static const struct group {
	key_exchange_method_t method;
	size_t public_len;
	size_t secret_len;
} groups[] = {
	{ ECP_256_BIT, 64, 32 },     { ECP_384_BIT, 96, 48 },	  { ECP_521_BIT, 132, 66 },
	{ CURVE_25519, 32, 32 },     { MODP_768_BIT, 96, 96 },	  { MODP_1024_BIT, 128, 128 },
	{ MODP_1536_BIT, 192, 192 }, { MODP_2048_BIT, 256, 256 }, { MODP_3072_BIT, 384, 384 },
	{ MODP_4096_BIT, 512, 512 }, { MODP_2048_256, 256, 256 },
};

/* The linker's --wrap puts this before the generator, to see how much is drawn
 * from it. */
static size_t n_drawn;

int __real_drbg_random(void *unused, unsigned char *ret_bytes, size_t len);
int __wrap_drbg_random(void *unused, unsigned char *ret_bytes, size_t len);
int __wrap_drbg_random(void *unused, unsigned char *ret_bytes, size_t len)
{
	n_drawn += len;
	return __real_drbg_random(unused, ret_bytes, len);
}

static key_exchange_t *make(key_exchange_method_t method)
{
	key_exchange_t *ke = lib->crypto->create_ke(lib->crypto, method);

	assert_non_null(ke);
	return ke;
}

static chunk_t public_key(key_exchange_t *ke)
{
	chunk_t value;

	assert_true(ke->get_public_key(ke, &value));
	return value;
}

/* Refused, and no secret comes out, neither of the refused value nor of a good
 * one before it. */
static void assert_refused(key_exchange_method_t method, chunk_t value)
{
	key_exchange_t *ke = make(method), *peer = make(method);
	chunk_t secret, good = public_key(peer);

	assert_false(ke->set_public_key(ke, value));
	assert_false(ke->get_shared_secret(ke, &secret));
	assert_true(ke->set_public_key(ke, good));
	assert_false(ke->set_public_key(ke, value));
	assert_false(ke->get_shared_secret(ke, &secret));
	chunk_free(&good);
	ke->destroy(ke);
	peer->destroy(peer);
}

static void assert_accepted(key_exchange_method_t method, chunk_t value)
{
	key_exchange_t *ke = make(method);

	assert_true(ke->set_public_key(ke, value));
	ke->destroy(ke);
}

/* Short exponents (RFC 3526 section 8) keep the large groups quick. */
static int setup(void **state)
{
	int failed = fixture_setup(state);

	for (size_t i = 0; !failed && i < countof(groups); i++) {
		diffie_hellman_params_t *params = diffie_hellman_get_params(groups[i].method);

		if (params && !params->subgroup.len)
			params->exp_len = 32;
	}
	return failed;
}

static void both_sides_get_one_secret_of_the_groups_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(groups); i++) {
		key_exchange_t *a = make(groups[i].method), *b = make(groups[i].method);
		chunk_t a_public = public_key(a), b_public = public_key(b), a_secret, b_secret;

		assert_int_equal(a_public.len, groups[i].public_len);
		assert_false(chunk_equals(a_public, b_public));
		assert_true(a->set_public_key(a, b_public) && b->set_public_key(b, a_public));
		assert_true(a->get_shared_secret(a, &a_secret));
		assert_true(b->get_shared_secret(b, &b_secret));
		assert_int_equal(a_secret.len, groups[i].secret_len);
		assert_true(chunk_equals(a_secret, b_secret));
		assert_int_equal(a->get_method(a), groups[i].method);
		chunk_free(&a_public);
		chunk_free(&b_public);
		chunk_free(&a_secret);
		chunk_free(&b_secret);
		a->destroy(a);
		b->destroy(b);
	}
}

static void a_value_of_another_length_is_refused(void **state)
{
	uint8_t one_more[513] = {};

	(void)state;
	for (size_t i = 0; i < countof(groups); i++) {
		key_exchange_t *peer = make(groups[i].method);
		chunk_t value = public_key(peer);

		memcpy(one_more, value.ptr, value.len);
		assert_refused(groups[i].method, chunk_empty);
		assert_refused(groups[i].method, chunk_create(value.ptr, value.len - 1));
		assert_refused(groups[i].method, chunk_create(one_more, value.len + 1));
		assert_refused(groups[i].method, chunk_create(one_more, sizeof(one_more)));
		assert_accepted(groups[i].method, value);
		chunk_free(&value);
		peer->destroy(peer);
	}
}

static void there_is_no_secret_without_a_peers_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(groups); i++) {
		key_exchange_t *ke = make(groups[i].method);
		chunk_t secret;

		assert_false(ke->get_shared_secret(ke, &secret));
		ke->destroy(ke);
	}
}

static void assert_modp(key_exchange_method_t method, const mbedtls_mpi *y, bool is_good)
{
	uint8_t bytes[512];
	chunk_t value = chunk_create(bytes, diffie_hellman_get_params(method)->prime.len);

	assert_int_equal(mbedtls_mpi_write_binary(y, bytes, value.len), 0);
	if (is_good)
		assert_accepted(method, value);
	else
		assert_refused(method, value);
}

static void modp_takes_no_value_outside_1_to_p_minus_1(void **state)
{
	static const struct {
		int from_p; /* whether `offset` counts from p */
		int offset;
		bool is_good;
	} cases[] = {
		{ 0, 0, false },  { 0, 1, false }, { 0, 2, true },  { 1, -2, true },
		{ 1, -1, false }, { 1, 0, false }, { 1, 1, false },
	};
	mbedtls_mpi p, y;

	(void)state;
	mbedtls_mpi_init(&p);
	mbedtls_mpi_init(&y);
	for (size_t i = 0; i < countof(groups); i++) {
		diffie_hellman_params_t *params = diffie_hellman_get_params(groups[i].method);

		if (!params)
			continue;
		for (size_t j = 0; j < countof(cases); j++) {
			assert_int_equal(
				mbedtls_mpi_read_binary(&p, params->prime.ptr, params->prime.len),
				0);
			assert_int_equal(mbedtls_mpi_lset(&y, 0), 0);
			if (cases[j].from_p)
				assert_int_equal(mbedtls_mpi_copy(&y, &p), 0);
			assert_int_equal(mbedtls_mpi_add_int(&y, &y, cases[j].offset), 0);
			assert_modp(groups[i].method, &y, cases[j].is_good);
		}
	}
	mbedtls_mpi_free(&p);
	mbedtls_mpi_free(&y);
}

/* Finds an element of small prime order in group 24, whose p - 1 has small
 * factors (RFC 5114). */
static void small_order_element(const mbedtls_mpi *p, mbedtls_mpi *ret_y, unsigned int *ret_order)
{
	mbedtls_mpi p_minus_1, e, base;
	mbedtls_mpi_uint rest = 1;
	unsigned int order = 1;

	mbedtls_mpi_init(&p_minus_1);
	mbedtls_mpi_init(&e);
	mbedtls_mpi_init(&base);
	assert_int_equal(mbedtls_mpi_sub_int(&p_minus_1, p, 1), 0);
	while (rest) {
		order += 2;
		assert_true(order < 10000);
		assert_int_equal(mbedtls_mpi_mod_int(&rest, &p_minus_1, order), 0);
	}
	assert_int_equal(mbedtls_mpi_div_int(&e, NULL, &p_minus_1, order), 0);
	assert_int_equal(mbedtls_mpi_lset(ret_y, 1), 0);
	for (int i = 2; mbedtls_mpi_cmp_int(ret_y, 1) == 0; i++) {
		assert_int_equal(mbedtls_mpi_lset(&base, i), 0);
		assert_int_equal(mbedtls_mpi_exp_mod(ret_y, &base, &e, p, NULL), 0);
	}
	*ret_order = order;
	mbedtls_mpi_free(&p_minus_1);
	mbedtls_mpi_free(&e);
	mbedtls_mpi_free(&base);
}

/* The secret for a private value `x` of at most 32 bits. */
static bool secret_of(key_exchange_method_t method, unsigned int x, chunk_t y, chunk_t *ret_secret)
{
	uint8_t seed[4] = { x >> 24, x >> 16, x >> 8, x };
	key_exchange_t *ke = make(method);
	bool is_good;

	assert_true(ke->set_seed(ke, chunk_from_thing(seed), NULL));
	assert_true(ke->set_public_key(ke, y));
	is_good = ke->get_shared_secret(ke, ret_secret);
	ke->destroy(ke);
	return is_good;
}

static void modp_yields_no_secret_of_1(void **state)
{
	diffie_hellman_params_t *params = diffie_hellman_get_params(MODP_2048_256);
	mbedtls_mpi p, y;
	unsigned int order;
	uint8_t bytes[256];
	chunk_t value = chunk_from_thing(bytes), secret;

	(void)state;
	mbedtls_mpi_init(&p);
	mbedtls_mpi_init(&y);
	assert_int_equal(mbedtls_mpi_read_binary(&p, params->prime.ptr, params->prime.len), 0);
	small_order_element(&p, &y, &order);
	assert_int_equal(mbedtls_mpi_write_binary(&y, bytes, sizeof(bytes)), 0);
	assert_false(secret_of(MODP_2048_256, 5 * order, value, &secret));
	assert_true(secret_of(MODP_2048_256, 5 * order + 1, value, &secret));
	assert_true(chunk_equals(secret, value));
	chunk_free(&secret);
	mbedtls_mpi_free(&p);
	mbedtls_mpi_free(&y);
}

static void modp_pads_small_numbers_to_the_primes_length(void **state)
{
	uint8_t eight[96] = { [95] = 8 }, secret_512[96] = { [94] = 2 };
	chunk_t secret;

	(void)state;
	assert_true(secret_of(MODP_768_BIT, 3, chunk_from_thing(eight), &secret));
	assert_true(chunk_equals(secret, chunk_from_thing(secret_512)));
	chunk_free(&secret);
}

static size_t drawn_for_modp_2048(size_t exp_len)
{
	diffie_hellman_params_t *params = diffie_hellman_get_params(MODP_2048_BIT);
	size_t saved = params->exp_len;
	key_exchange_t *ke;

	params->exp_len = exp_len;
	n_drawn = 0;
	ke = make(MODP_2048_BIT);
	ke->destroy(ke);
	params->exp_len = saved;
	return n_drawn;
}

/* A draw out of range is repeated, so a full-length one may take more than
 * one. */
static void modp_draws_exponents_of_the_groups_exp_len(void **state)
{
	(void)state;
	assert_int_equal(drawn_for_modp_2048(48), 48);
	assert_true(drawn_for_modp_2048(256) >= 256);
	assert_int_equal(drawn_for_modp_2048(256) % 256, 0);
}

static void ecp_takes_no_point_off_the_curve(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		key_exchange_t *peer = make(groups[i].method);
		chunk_t value = public_key(peer);
		uint8_t ones[132], zeros[132] = {};

		memset(ones, 0xff, sizeof(ones));
		assert_accepted(groups[i].method, value);
		value.ptr[value.len - 1] ^= 1; /* y */
		assert_refused(groups[i].method, value);
		value.ptr[value.len - 1] ^= 1;
		value.ptr[value.len / 2 - 1] ^= 1; /* x */
		assert_refused(groups[i].method, value);
		assert_refused(groups[i].method, chunk_create(zeros, value.len));
		assert_refused(groups[i].method, chunk_create(ones, value.len));
		chunk_free(&value);
		peer->destroy(peer);
	}
}

/* The points of order 1, 2, 4 and 8 as far as they have an encoding, with
 * their unreduced twins (https://cr.yp.to/ecdh.html#validate), each also with
 * the ignored top bit set. */
static void curve25519_takes_no_point_of_small_order(void **state)
{
	static const char *points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t nine[32] = { 9 };

	(void)state;
	for (size_t i = 0; i < countof(points); i++) {
		chunk_t value = chunk_from_hex(chunk_from_str((char *)points[i]), NULL);

		assert_int_equal(value.len, 32);
		assert_refused(CURVE_25519, value);
		value.ptr[31] |= 0x80;
		assert_refused(CURVE_25519, value);
		chunk_free(&value);
	}
	assert_accepted(CURVE_25519, chunk_from_thing(nine));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_get_one_secret_of_the_groups_length),
		cmocka_unit_test(a_value_of_another_length_is_refused),
		cmocka_unit_test(there_is_no_secret_without_a_peers_value),
		cmocka_unit_test(modp_takes_no_value_outside_1_to_p_minus_1),
		cmocka_unit_test(modp_yields_no_secret_of_1),
		cmocka_unit_test(modp_pads_small_numbers_to_the_primes_length),
		cmocka_unit_test(modp_draws_exponents_of_the_groups_exp_len),
		cmocka_unit_test(ecp_takes_no_point_off_the_curve),
		cmocka_unit_test(curve25519_takes_no_point_of_small_order),
	};

	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
