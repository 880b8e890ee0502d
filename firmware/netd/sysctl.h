/* Writing kernel settings and reading them back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "netd/render_sysctl.h"

#define SYSCTL_ROOT "/proc/sys"

/* Writes all rows in order below the folder `root`, then reads all back. Returns 0 if all are in
 * force, or a negative errno after one log line: the row that failed; -EIO for a value that did not
 * stay. */
__attribute__((warn_unused_result)) int sysctl_apply(const char *root,
						     const struct sysctls *sysctls);

/* Stops forwarding, both families. For the case that the filter is not what it should be. */
void sysctl_stop_forwarding(const char *root);
