/* Secrets: wiped at the end of their scope, never printed, compared in constant time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* A shared key. There is no function that prints one. */
struct secret {
	size_t len; /* 1..MAX_PSK_BYTES; 0 when unset */
	uint8_t bytes[MAX_PSK_BYTES];
};

/* Overwrites `len` bytes in a way that the compiler keeps. */
void secret_wipe_bytes(void *bytes, size_t len);

/* Wipes a secret; also a clean-up function: _cleanup_(secret_wipe) struct secret s. */
void secret_wipe(struct secret *secret);

/* Copies `len` bytes into a secret. Returns 0, or -EMSGSIZE when len is 0 or over the bound. */
__attribute__((warn_unused_result)) int secret_from_bytes(const void *bytes, size_t len,
							  struct secret *ret_secret);

/* Takes time that depends on the lengths alone. */
bool secret_equal(const struct secret *a, const struct secret *b);
