/* The process's random generator: Mbed TLS's CTR_DRBG with AES-256, seeded by
 * the kernel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/drbg.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>

static struct {
	bool is_seeded;
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context ctr;
} drbg;

bool drbg_init(void)
{
	mbedtls_entropy_init(&drbg.entropy);
	mbedtls_ctr_drbg_init(&drbg.ctr);
	drbg.is_seeded =
		mbedtls_ctr_drbg_seed(&drbg.ctr, mbedtls_entropy_func, &drbg.entropy, NULL, 0) == 0;
	if (!drbg.is_seeded)
		drbg_deinit();
	return drbg.is_seeded;
}

void drbg_deinit(void)
{
	drbg.is_seeded = false;
	mbedtls_ctr_drbg_free(&drbg.ctr);
	mbedtls_entropy_free(&drbg.entropy);
}

int drbg_random(void *unused, unsigned char *ret_bytes, size_t len)
{
	(void)unused;
	if (!drbg.is_seeded)
		return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
	for (size_t done = 0; done < len;) {
		size_t left = len - done;
		size_t n =
			left < MBEDTLS_CTR_DRBG_MAX_REQUEST ? left : MBEDTLS_CTR_DRBG_MAX_REQUEST;
		int error = mbedtls_ctr_drbg_random(&drbg.ctr, ret_bytes + done, n);

		if (error)
			return error;
		done += n;
	}
	return 0;
}
