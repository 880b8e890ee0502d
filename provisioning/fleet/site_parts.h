/* The parts of joining a site; used by site*.c only. Each adds its findings and leaves what it
 * could not find unset.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "provisioning/fleet/azure_command.h"
#include "provisioning/fleet/site.h"

struct site_joiner {
	const struct azure_inventory *inventory;
	const struct site_options *options;
	struct findings *findings;
	const struct azure_resource *resource; /* the connection */
	struct azure_connection connection;
	struct azure_gateway gateway; /* all missing until site_join_gateway has read it */
	struct azure_node gateways_at[SITE_MAX_GATEWAYS]; /* where the addresses stand */
	struct site *site;
};

/* The connection that the options mean, or NULL and a finding. */
const struct azure_resource *site_choose(const struct azure_inventory *inventory,
					 const struct azure_file *first,
					 const struct site_options *options,
					 struct findings *findings);

/* A resource by a link; NULL, with a finding unless the link itself has one, when no file holds it.
 * `what_else` continues the sentence, or is "". */
const struct azure_resource *site_follow(struct site_joiner *joiner, const struct azure_value *link,
					 enum azure_kind kind, const char *id,
					 const char *what_else);

/* A finding for a member that every resource of its kind has, with the command that prints it. */
void site_missing(struct site_joiner *joiner, const struct azure_resource *resource,
		  const char *member);

/* An IPv4 address of a host; false and a finding for anything else. */
bool site_parse_address(struct site_joiner *joiner, const struct azure_node *node,
			const char *member, struct addr *ret_addr);

void site_join_gateway(struct site_joiner *joiner);
void site_join_networks(struct site_joiner *joiner, const struct azure_value *subnet);
void site_join_local_gateway(struct site_joiner *joiner);
/* After both sides' prefixes are joined. */
void site_join_selectors(struct site_joiner *joiner);
void site_join_key(struct site_joiner *joiner);
