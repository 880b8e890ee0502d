/* Running nft, the one helper program of netd.
 *
 * A fixed program, fixed arguments, an empty environment, no shell. It speaks to netfilter with the
 * ambient CAP_NET_ADMIN of netd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>

#define NFT_PATH "/usr/sbin/nft"

/* Runs `program` with `arguments` (the first is its name, the last NULL) and `input` as its
 * standard input, for at most 30 s. What it says on standard error is logged. Returns 0 and its
 * standard output, NUL-terminated, that the caller frees; -EBADMSG when it ended with another
 * status than 0, -ETIMEDOUT when it was killed, or another negative errno. */
__attribute__((warn_unused_result)) int nft_run(const char *program, const char *const arguments[],
						const char *input, char **ret_output);

/* True when the kernel has a table FILTER_TABLE. */
bool nft_is_loaded(const char *program);

/* Replaces table FILTER_TABLE by the rendered one in one transaction, then lists what is loaded and
 * compares. `program` is NFT_PATH but in tests. Returns 0 when the kernel holds exactly what was
 * rendered; -EBADMSG when nft refused it: the old table is still in force; -EIO when the list shows
 * something else. Logs why. */
__attribute__((warn_unused_result)) int nft_load(const char *program, const char *rendered);
