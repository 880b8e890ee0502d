/* The process's random generator: Mbed TLS's CTR_DRBG with AES-256, seeded by
 * the kernel.
 *
 * The one mutable global of this folder. libstrongswan's constructors are
 * plain functions without a context, so there is no object that could own it.
 * Mbed TLS's own lock guards it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Seeds the generator from getrandom(2). Returns false when that fails; then,
 * as before the call and after drbg_deinit(), drbg_random() fails too. */
__attribute__((warn_unused_result)) bool drbg_init(void);

/* Wipes the generator. */
void drbg_deinit(void);

/* Writes `len` random bytes, any number. The signature is that of Mbed TLS's
 * f_rng arguments, for which the generator is passed as `drbg_random, NULL`.
 * Returns 0 or an Mbed TLS error code, also when the kernel gave nothing for a
 * due reseed. */
int drbg_random(void *unused, unsigned char *ret_bytes, size_t len);
