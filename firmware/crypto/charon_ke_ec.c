/* key_exchange_t on Mbed TLS: ECP groups 19 to 21 (RFC 5903) and Curve25519
 * (RFC 8031).
 *
 * libstrongswan would check the length of a peer's public value and nothing
 * else; that the point is on the curve, and on Curve25519 not one of small
 * order, is checked here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_crypto.h"

#include <mbedtls/ecdh.h>
#include <mbedtls/ecp.h>

#include "crypto/drbg.h"

enum { UNCOMPRESSED = 0x04 }; /* first byte of a point in SEC 1; IKE leaves it out */

struct charon_ke_ec {
	key_exchange_t public;
	key_exchange_method_t method;
	mbedtls_ecp_group group;
	mbedtls_mpi private_key;
	mbedtls_ecp_point public_key;
	mbedtls_ecp_point peer_key;
};

static const struct {
	key_exchange_method_t method;
	mbedtls_ecp_group_id id;
} curves[] = {
	{ ECP_256_BIT, MBEDTLS_ECP_DP_SECP256R1 },
	{ ECP_384_BIT, MBEDTLS_ECP_DP_SECP384R1 },
	{ ECP_521_BIT, MBEDTLS_ECP_DP_SECP521R1 },
	{ CURVE_25519, MBEDTLS_ECP_DP_CURVE25519 },
};

static bool is_curve25519(struct charon_ke_ec *this)
{
	return this->method == CURVE_25519;
}

static size_t field_size(struct charon_ke_ec *this)
{
	return (this->group.pbits + 7) / 8;
}

METHOD(key_exchange_t, set_public_key, bool, struct charon_ke_ec *this, chunk_t value)
{
	uint8_t point[1 + MBEDTLS_ECP_MAX_PT_LEN] = { UNCOMPRESSED };
	size_t prefix = is_curve25519(this) ? 0 : 1;
	bool is_valid = value.len <= sizeof(point) - prefix;

	if (is_valid) {
		memcpy(point + prefix, value.ptr, value.len);
		is_valid = mbedtls_ecp_point_read_binary(&this->group, &this->peer_key, point,
							 prefix + value.len) == 0 &&
			   mbedtls_ecp_check_pubkey(&this->group, &this->peer_key) == 0;
	}
	if (is_valid)
		return TRUE;
	mbedtls_ecp_point_free(&this->peer_key);
	DBG1(DBG_LIB, "peer's %N public value is no valid point", key_exchange_method_names,
	     this->method);
	return FALSE;
}

METHOD(key_exchange_t, get_public_key, bool, struct charon_ke_ec *this, chunk_t *value)
{
	uint8_t point[MBEDTLS_ECP_MAX_PT_LEN];
	size_t prefix = is_curve25519(this) ? 0 : 1;
	size_t len;

	if (mbedtls_ecp_point_write_binary(&this->group, &this->public_key,
					   MBEDTLS_ECP_PF_UNCOMPRESSED, &len, point, sizeof(point)))
		return FALSE;
	*value = chunk_clone(chunk_create(point + prefix, len - prefix));
	return TRUE;
}

/* Fails without a peer's value: the point is then the one at infinity. */
METHOD(key_exchange_t, get_shared_secret, bool, struct charon_ke_ec *this, chunk_t *secret)
{
	mbedtls_mpi z;
	int error;

	if (mbedtls_ecp_check_pubkey(&this->group, &this->peer_key))
		return FALSE;
	mbedtls_mpi_init(&z);
	*secret = chunk_alloc(field_size(this));
	error = mbedtls_ecdh_compute_shared(&this->group, &z, &this->peer_key, &this->private_key,
					    drbg_random, NULL);
	if (!error && is_curve25519(this))
		error = mbedtls_mpi_write_binary_le(&z, secret->ptr, secret->len);
	else if (!error)
		error = mbedtls_mpi_write_binary(&z, secret->ptr, secret->len);
	if (error)
		chunk_clear(secret);
	mbedtls_mpi_free(&z);
	return !error;
}

#ifdef TESTABLE_KE
METHOD(key_exchange_t, set_seed, bool, struct charon_ke_ec *this, chunk_t value, drbg_t *drbg)
{
	mbedtls_ecp_keypair key;
	int error;

	(void)drbg;
	mbedtls_ecp_keypair_init(&key);
	error = mbedtls_ecp_read_key(this->group.id, &key, value.ptr, value.len);
	if (!error)
		error = mbedtls_ecp_keypair_calc_public(&key, drbg_random, NULL);
	if (!error)
		error = mbedtls_ecp_export(&key, NULL, &this->private_key, &this->public_key);
	mbedtls_ecp_keypair_free(&key);
	return !error;
}
#endif

METHOD(key_exchange_t, get_method, key_exchange_method_t, struct charon_ke_ec *this)
{
	return this->method;
}

METHOD(key_exchange_t, destroy, void, struct charon_ke_ec *this)
{
	mbedtls_ecp_group_free(&this->group);
	mbedtls_mpi_free(&this->private_key);
	mbedtls_ecp_point_free(&this->public_key);
	mbedtls_ecp_point_free(&this->peer_key);
	free(this);
}

key_exchange_t *charon_ke_ec_create(key_exchange_method_t method, ...)
{
	struct charon_ke_ec *this;
	size_t i;

	for (i = 0; i < countof(curves); i++)
		if (curves[i].method == method)
			break;
	if (i == countof(curves))
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
	     .method = method);
	mbedtls_ecp_group_init(&this->group);
	mbedtls_mpi_init(&this->private_key);
	mbedtls_ecp_point_init(&this->public_key);
	mbedtls_ecp_point_init(&this->peer_key);
	if (mbedtls_ecp_group_load(&this->group, curves[i].id) ||
	    mbedtls_ecdh_gen_public(&this->group, &this->private_key, &this->public_key,
				    drbg_random, NULL)) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}
