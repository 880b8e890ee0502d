/* key_exchange_t on Mbed TLS's integers: the MODP groups of RFC 2409, RFC 3526
 * and RFC 5114.
 *
 * Mbed TLS's own DHM module knows neither the small groups nor a short
 * exponent, so the group comes from libstrongswan and the arithmetic is
 * mbedtls_mpi_exp_mod(), whose run time depends on the length of the exponent
 * alone. libstrongswan would check the length of a peer's value and nothing
 * else; 1 < y < p - 1 (RFC 6989 section 2.1) is checked here. A private value
 * serves one exchange only, which is what RFC 6989 section 2.2 asks for in
 * groups with small subgroups.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_crypto.h"

#include <mbedtls/bignum.h>

#include "crypto/drbg.h"

struct charon_ke_modp {
	key_exchange_t public;
	key_exchange_method_t method;
	diffie_hellman_params_t *params; /* libstrongswan's, static */
	mbedtls_mpi p;
	mbedtls_mpi rr; /* R^2 mod p, made by the first exponentiation */
	mbedtls_mpi x;	/* own private value */
	mbedtls_mpi gx; /* own public value */
	mbedtls_mpi y;	/* peer's public value, 0 until there is one */
};

METHOD(key_exchange_t, set_public_key, bool, struct charon_ke_modp *this, chunk_t value)
{
	mbedtls_mpi max;
	bool is_valid;

	mbedtls_mpi_init(&max);
	is_valid = value.len == this->params->prime.len &&
		   mbedtls_mpi_read_binary(&this->y, value.ptr, value.len) == 0 &&
		   mbedtls_mpi_sub_int(&max, &this->p, 2) == 0 &&
		   mbedtls_mpi_cmp_int(&this->y, 1) > 0 && mbedtls_mpi_cmp_mpi(&this->y, &max) <= 0;
	mbedtls_mpi_free(&max);
	if (is_valid)
		return TRUE;
	mbedtls_mpi_free(&this->y);
	DBG1(DBG_LIB, "peer's %N public value is not within 1 < y < p - 1",
	     key_exchange_method_names, this->method);
	return FALSE;
}

static bool write_padded(struct charon_ke_modp *this, const mbedtls_mpi *number, chunk_t *ret_value)
{
	*ret_value = chunk_alloc(this->params->prime.len);
	if (mbedtls_mpi_write_binary(number, ret_value->ptr, ret_value->len) == 0)
		return TRUE;
	chunk_clear(ret_value);
	return FALSE;
}

METHOD(key_exchange_t, get_public_key, bool, struct charon_ke_modp *this, chunk_t *value)
{
	return write_padded(this, &this->gx, value);
}

/* A result of 1 is an error (SP 800-56A 5.7.1.1): y was in a subgroup whose
 * order divides x. */
METHOD(key_exchange_t, get_shared_secret, bool, struct charon_ke_modp *this, chunk_t *secret)
{
	mbedtls_mpi z;
	bool is_good;

	if (mbedtls_mpi_cmp_int(&this->y, 0) == 0)
		return FALSE;
	mbedtls_mpi_init(&z);
	is_good = mbedtls_mpi_exp_mod(&z, &this->y, &this->x, &this->p, &this->rr) == 0 &&
		  mbedtls_mpi_cmp_int(&z, 1) != 0 && write_padded(this, &z, secret);
	mbedtls_mpi_free(&z);
	return is_good;
}

static bool make_public(struct charon_ke_modp *this)
{
	mbedtls_mpi g;
	bool is_good;

	mbedtls_mpi_init(&g);
	is_good = mbedtls_mpi_read_binary(&g, this->params->generator.ptr,
					  this->params->generator.len) == 0 &&
		  mbedtls_mpi_exp_mod(&this->gx, &g, &this->x, &this->p, &this->rr) == 0;
	mbedtls_mpi_free(&g);
	return is_good;
}

/* Draws x from 2 up to below the subgroup's order (RFC 5114), else 2^(8 *
 * exp_len) - 1, else, where exponents shall be as long as the prime, p - 1. */
static bool make_private(struct charon_ke_modp *this)
{
	uint8_t all_ones[MBEDTLS_MPI_MAX_SIZE];
	chunk_t bound = chunk_create(all_ones, this->params->exp_len);
	mbedtls_mpi limit;
	bool is_good;

	memset(all_ones, 0xff, sizeof(all_ones));
	if (this->params->subgroup.len)
		bound = this->params->subgroup;
	else if (this->params->exp_len >= this->params->prime.len)
		bound = this->params->prime;
	mbedtls_mpi_init(&limit);
	is_good = mbedtls_mpi_read_binary(&limit, bound.ptr, bound.len) == 0 &&
		  mbedtls_mpi_sub_int(&limit, &limit, 1) == 0 &&
		  mbedtls_mpi_random(&this->x, 2, &limit, drbg_random, NULL) == 0;
	mbedtls_mpi_free(&limit);
	return is_good;
}

#ifdef TESTABLE_KE
METHOD(key_exchange_t, set_seed, bool, struct charon_ke_modp *this, chunk_t value, drbg_t *drbg)
{
	(void)drbg;
	return mbedtls_mpi_read_binary(&this->x, value.ptr, value.len) == 0 && make_public(this);
}
#endif

METHOD(key_exchange_t, get_method, key_exchange_method_t, struct charon_ke_modp *this)
{
	return this->method;
}

METHOD(key_exchange_t, destroy, void, struct charon_ke_modp *this)
{
	mbedtls_mpi_free(&this->p);
	mbedtls_mpi_free(&this->rr);
	mbedtls_mpi_free(&this->x);
	mbedtls_mpi_free(&this->gx);
	mbedtls_mpi_free(&this->y);
	free(this);
}

key_exchange_t *charon_ke_modp_create(key_exchange_method_t method, ...)
{
	diffie_hellman_params_t *params = diffie_hellman_get_params(method);
	struct charon_ke_modp *this;

	if (!params || params->prime.len > MBEDTLS_MPI_MAX_SIZE)
		return NULL;
	INIT(this,
	     .public = {
		     .get_shared_secret = _get_shared_secret,
		     .set_public_key = _set_public_key,
		     .get_public_key = _get_public_key,
#ifdef TESTABLE_KE
		     .set_seed = _set_seed,
#endif
		     .get_method = _get_method,
		     .destroy = _destroy,
	     },
	     .method = method, .params = params);
	mbedtls_mpi_init(&this->p);
	mbedtls_mpi_init(&this->rr);
	mbedtls_mpi_init(&this->x);
	mbedtls_mpi_init(&this->gx);
	mbedtls_mpi_init(&this->y);
	if (mbedtls_mpi_read_binary(&this->p, params->prime.ptr, params->prime.len) ||
	    !make_private(this) || !make_public(this)) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}
