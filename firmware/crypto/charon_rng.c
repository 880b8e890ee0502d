/* rng_t over the process's random generator.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_crypto.h"

#include "crypto/drbg.h"

METHOD(rng_t, get_bytes, bool, rng_t *this, size_t len, uint8_t *buffer)
{
	(void)this;
	return drbg_random(NULL, buffer, len) == 0;
}

METHOD(rng_t, allocate_bytes, bool, rng_t *this, size_t len, chunk_t *chunk)
{
	*chunk = chunk_alloc(len);
	if (get_bytes(this, len, chunk->ptr))
		return TRUE;
	chunk_clear(chunk);
	return FALSE;
}

METHOD(rng_t, destroy, void, rng_t *this)
{
	free(this);
}

rng_t *charon_rng_create(rng_quality_t quality)
{
	rng_t *this;

	if (quality == RNG_TRUE)
		return NULL;
	INIT(this, .get_bytes = _get_bytes, .allocate_bytes = _allocate_bytes, .destroy = _destroy);
	return this;
}
