/* The secrets file: shared keys by tunnel name. iked alone can read it.
 *
 *   { "format": "fairlead-secrets/1", "keys": [ { "tunnel": "cn-branch7", "psk": "..." } ] }
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>

#include "base/secret.h"
#include "config/device.h"

#define SECRETS_FORMAT "fairlead-secrets/1"

struct tunnel_secret {
	char tunnel[MAX_NAME_BYTES];
	struct secret psk;
};

struct secrets {
	size_t n_keys;
	struct tunnel_secret *keys; /* owned, wiped by secrets_free */
};

/* As config_parse. An error never quotes a key: `met` names its length only. */
__attribute__((warn_unused_result)) int secrets_parse(const char *text, size_t len,
						      struct secrets **ret_secrets,
						      struct config_error *ret_error);

/* Prints the file's text for an importer to write; the caller wipes and frees it. NULL when memory
 * is out. */
char *secrets_print(const struct secrets *secrets);

/* The key of a tunnel, owned by `secrets`, or NULL. */
const struct secret *secrets_find(const struct secrets *secrets, const char *tunnel);

/* Wipes all keys, then frees. */
void secrets_free(struct secrets *secrets);

static inline void cleanup_secrets(struct secrets **secrets)
{
	secrets_free(*secrets);
}
