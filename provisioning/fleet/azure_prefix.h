/* The address prefixes of the two sides, each with its place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/limits.h"
#include "provisioning/fleet/azure_reader.h"

struct azure_prefix {
	struct prefix prefix;
	struct azure_node node; /* without file for one of the command line */
};

struct azure_prefixes {
	size_t n;
	bool is_over; /* there were more, which is an error finding */
	struct azure_prefix rows[MAX_PREFIXES];
};

/* Adds the prefixes of `addressPrefixes` in an address space; what is no prefix, has host bits set
 * or is over the bound becomes an error finding. Returns how many entries the list has, so that
 * the caller can tell an empty list; 0 for an absent space. */
size_t azure_prefixes_add(struct azure_prefixes *prefixes, const struct azure_value *space,
			  struct findings *findings);

/* Adds the prefixes of a list, likewise. */
size_t azure_prefixes_add_list(struct azure_prefixes *prefixes, const struct azure_value *list,
			       struct findings *findings);

/* Takes one address out: the prefix that holds it becomes those that hold the rest of it. An error
 * finding at `complain_at` when they are too many. */
void azure_prefixes_exempt(struct azure_prefixes *prefixes, const struct addr *addr,
			   const struct azure_node *complain_at, struct findings *findings);

/* Adds a prefix of the command line, unless it is there already. */
void azure_prefixes_add_given(struct azure_prefixes *prefixes, const struct prefix *prefix,
			      const struct azure_node *complain_at, struct findings *findings);

/* Error findings for prefixes that overlap, on one side or across. */
void azure_prefixes_compare(const struct azure_prefixes *azure, const struct azure_prefixes *office,
			    struct findings *findings);

/* An error finding at `at` when the gateway's address lies on one of the sides: the tunnel's own
 * packets would have to go through it. */
void azure_prefixes_refuse_gateway(const struct azure_prefixes *azure,
				   const struct azure_prefixes *office, const struct addr *gateway,
				   const struct azure_node *at, struct findings *findings);
