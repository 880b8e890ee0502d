/* SHA-256 of what two processes must agree on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32

/* SHA-256 (FIPS 180-4) of `len` bytes. */
void digest_sha256(const void *bytes, size_t len, uint8_t ret_digest[static DIGEST_BYTES]);
