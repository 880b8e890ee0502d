/* `fairlead-fleet import`: files in, files out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "provisioning/fleet/option.h"

extern const struct option_row command_import_options[];

/* Runs the command on the words behind its name; `argv` is reordered. Returns the exit status: 0,
 * 1 when there are error findings or a file could not be read or written, 2 for wrong usage. */
int command_import(int argc, char **argv);
