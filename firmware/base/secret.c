/* Secrets: wiped at the end of their scope, never printed, compared in constant time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/secret.h"

#include <errno.h>
#include <string.h>

void secret_wipe_bytes(void *bytes, size_t len)
{
	explicit_bzero(bytes, len);
}

void secret_wipe(struct secret *secret)
{
	secret_wipe_bytes(secret, sizeof(*secret));
}

int secret_from_bytes(const void *bytes, size_t len, struct secret *ret_secret)
{
	if (len == 0 || len > sizeof(ret_secret->bytes))
		return -EMSGSIZE;
	secret_wipe(ret_secret);
	memcpy(ret_secret->bytes, bytes, len);
	ret_secret->len = len;
	return 0;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
	uint8_t difference = 0;

	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		difference |= a->bytes[i] ^ b->bytes[i];
	return difference == 0;
}
