/* mac_t on Mbed TLS: HMAC (RFC 2104), from which libstrongswan makes its PRFs
 * and its signers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_crypto.h"

#include <crypto/mac.h>
#include <crypto/prfs/mac_prf.h>
#include <crypto/signers/mac_signer.h>

struct charon_mac {
	mac_t public;
	mbedtls_md_context_t md;
	bool has_key;
};

METHOD(mac_t, set_key, bool, struct charon_mac *this, chunk_t key)
{
	this->has_key = mbedtls_md_hmac_starts(&this->md, key.ptr, key.len) == 0;
	return this->has_key;
}

METHOD(mac_t, get_mac, bool, struct charon_mac *this, chunk_t data, uint8_t *out)
{
	if (!this->has_key || mbedtls_md_hmac_update(&this->md, data.ptr, data.len))
		return FALSE;
	if (!out)
		return TRUE;
	return mbedtls_md_hmac_finish(&this->md, out) == 0 && mbedtls_md_hmac_reset(&this->md) == 0;
}

METHOD(mac_t, get_mac_size, size_t, struct charon_mac *this)
{
	return mbedtls_md_get_size(mbedtls_md_info_from_ctx(&this->md));
}

METHOD(mac_t, destroy, void, struct charon_mac *this)
{
	mbedtls_md_free(&this->md);
	free(this);
}

static mac_t *hmac_create(hash_algorithm_t hash)
{
	const mbedtls_md_info_t *info = mbedtls_md_info_from_type(charon_md_type(hash));
	struct charon_mac *this;

	if (!info)
		return NULL;
	INIT(this, .public = {
			   .get_mac = _get_mac,
			   .get_mac_size = _get_mac_size,
			   .set_key = _set_key,
			   .destroy = _destroy,
		   });
	mbedtls_md_init(&this->md);
	if (mbedtls_md_setup(&this->md, info, 1)) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}

prf_t *charon_prf_create(pseudo_random_function_t algorithm)
{
	mac_t *mac = hmac_create(hasher_algorithm_from_prf(algorithm));

	return mac ? mac_prf_create(mac) : NULL;
}

signer_t *charon_signer_create(integrity_algorithm_t algorithm)
{
	size_t len = 0;
	mac_t *mac = hmac_create(hasher_algorithm_from_integrity(algorithm, &len));

	return mac ? mac_signer_create(mac, len) : NULL;
}
