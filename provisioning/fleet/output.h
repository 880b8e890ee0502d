/* Two files that appear together or not at all: the configuration and its secrets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#define OUTPUT_CONFIG "config.json"
#define OUTPUT_SECRETS "secrets.json"

/* Writes both texts into `dir`, which is made when it is not there. They are written whole under
 * other names, synced, and then renamed; the secrets with mode 0600 from the first byte on. On
 * failure nothing is left behind and older files are as they were; but if the second of the two
 * renames fails, which only a broken disk can cause, new secrets stand beside an old configuration.
 * Returns 0 or a negative errno
 * and the name of the file or folder at fault; that is static or `dir`. */
__attribute__((warn_unused_result)) int output_write(const char *dir, const char *config,
						     const char *secrets, const char **ret_culprit);
