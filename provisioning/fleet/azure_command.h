/* The `az` commands that findings name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>

#include "provisioning/fleet/azure_resource.h"

/* The `az` command that prints the resource of this id; with placeholders for a NULL id. The caller
 * frees it; NULL when memory is out. */
char *azure_show_command(enum azure_kind kind, const char *id);

/* The `az` command that lets the network behind the peering of this id use the gateway, likewise.
 */
char *azure_peering_command(const char *id);

/* The `az` command that gives a connection a policy of today's strength, likewise. Azure takes one
 * policy a connection, so that one which is there (`is_custom`) is cleared first. */
char *azure_policy_command(const char *id, bool is_custom);
