/* Which files a process may use: the part of its rights that Landlock holds.
 *
 * For rights.c; daemons enter their whole table with rights_enter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "runtime/rights.h"

/* Denies from now on every file that is neither in the table, which may be NULL, nor in a folder of
 * `files` (rights_enter), and TCP, signals and abstract sockets to others as far as the kernel
 * knows how. Needs no_new_privs. Returns 0, also without Landlock, which is then logged, or a
 * negative errno (landlock(7)). */
__attribute__((warn_unused_result)) int rights_paths_enter(const struct rights_path *paths,
							   const char *const files[]);
