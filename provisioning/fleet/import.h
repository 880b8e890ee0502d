/* Import: from texts that Azure printed to a box's configuration and secrets. Touches no file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>

#include "provisioning/fleet/finding.h"
#include "provisioning/fleet/site.h"

struct import_text {
	const char *path; /* as findings name it */
	const char *bytes;
	size_t len;
};

struct import_options {
	struct site_options site;
	const char *wan, *lan; /* names of the box's interfaces, of less than MAX_IFNAME_BYTES */
};

struct import_result {
	char *config;  /* text that config_parse takes */
	char *secrets; /* text that secrets_parse takes; wiped by import_result_deinit */
	char *summary; /* one sentence without line end */
};

/* Imports `n` texts (1 or more). Returns 0; then there is a result, unless `findings` has errors.
 * Returns -ENOMEM when memory is out. */
__attribute__((warn_unused_result)) int import_texts(const struct import_text *texts, size_t n,
						     const struct import_options *options,
						     struct findings *findings,
						     struct import_result *ret_result);

void import_result_deinit(struct import_result *result);
