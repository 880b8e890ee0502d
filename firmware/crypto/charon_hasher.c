/* hasher_t on Mbed TLS: MD5, SHA-1 and SHA-2.
 *
 * MD5 is here since Azure's custom policies can name it; libcharon needs SHA-1
 * for key identifiers and NAT detection whatever the policy.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_crypto.h"

struct charon_hasher {
	hasher_t public;
	mbedtls_md_context_t md;
};

mbedtls_md_type_t charon_md_type(hash_algorithm_t algorithm)
{
	static const struct {
		hash_algorithm_t algorithm;
		mbedtls_md_type_t type;
	} types[] = {
		{ HASH_MD5, MBEDTLS_MD_MD5 },	    { HASH_SHA1, MBEDTLS_MD_SHA1 },
		{ HASH_SHA224, MBEDTLS_MD_SHA224 }, { HASH_SHA256, MBEDTLS_MD_SHA256 },
		{ HASH_SHA384, MBEDTLS_MD_SHA384 }, { HASH_SHA512, MBEDTLS_MD_SHA512 },
	};

	for (size_t i = 0; i < countof(types); i++)
		if (types[i].algorithm == algorithm)
			return types[i].type;
	return MBEDTLS_MD_NONE;
}

size_t charon_hash(mbedtls_md_type_t type, chunk_t data, uint8_t ret_hash[MBEDTLS_MD_MAX_SIZE])
{
	const mbedtls_md_info_t *info = mbedtls_md_info_from_type(type);

	if (!info || mbedtls_md(info, data.ptr, data.len, ret_hash))
		return 0;
	return mbedtls_md_get_size(info);
}

METHOD(hasher_t, get_hash_size, size_t, struct charon_hasher *this)
{
	return mbedtls_md_get_size(mbedtls_md_info_from_ctx(&this->md));
}

METHOD(hasher_t, reset, bool, struct charon_hasher *this)
{
	return mbedtls_md_starts(&this->md) == 0;
}

METHOD(hasher_t, get_hash, bool, struct charon_hasher *this, chunk_t data, uint8_t *hash)
{
	if (mbedtls_md_update(&this->md, data.ptr, data.len))
		return FALSE;
	if (!hash)
		return TRUE;
	return mbedtls_md_finish(&this->md, hash) == 0 && reset(this);
}

METHOD(hasher_t, allocate_hash, bool, struct charon_hasher *this, chunk_t data, chunk_t *hash)
{
	if (!hash)
		return get_hash(this, data, NULL);
	*hash = chunk_alloc(get_hash_size(this));
	if (get_hash(this, data, hash->ptr))
		return TRUE;
	chunk_free(hash);
	return FALSE;
}

METHOD(hasher_t, destroy, void, struct charon_hasher *this)
{
	mbedtls_md_free(&this->md);
	free(this);
}

hasher_t *charon_hasher_create(hash_algorithm_t algorithm)
{
	const mbedtls_md_info_t *info = mbedtls_md_info_from_type(charon_md_type(algorithm));
	struct charon_hasher *this;

	if (!info)
		return NULL;
	INIT(this, .public = {
			   .get_hash = _get_hash,
			   .allocate_hash = _allocate_hash,
			   .get_hash_size = _get_hash_size,
			   .reset = _reset,
			   .destroy = _destroy,
		   });
	mbedtls_md_init(&this->md);
	if (mbedtls_md_setup(&this->md, info, 0) || !reset(this)) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}
