/* One office and its tunnel, joined from Azure's resources by their ids.
 *
 *   connection ---> local network gateway   our address, the office's prefixes
 *    |  key, policy, lifetimes
 *    |  selectors
 *    +----------> virtual network gateway ---> public IP   an instance's address, one or two
 *                          |
 *                          +--- subnet ---> virtual network ---> peered networks   Azure's prefixes
 *
 * What is missing is named with the `az` command that prints it; all findings come at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/secret.h"
#include "provisioning/fleet/azure_policy.h"
#include "provisioning/fleet/azure_prefix.h"
#include "provisioning/fleet/azure_resource.h"

#define SITE_DEFAULT_DPD_TIMEOUT_S 45 /* Azure's default */
#define SITE_MAX_GATEWAYS 2	      /* instances of an active-active gateway */

/* What the command line says. Strings are borrowed, and valid names (config/tunnel.h); NULL when
 * not given. */
struct site_options {
	const char *site;	/* name of the office; chooses by local network gateway, too */
	const char *connection; /* which one, when the files hold several */
	struct addr local_id;	/* unset: the local network gateway's address */
	size_t n_azure_prefixes;
	struct prefix azure_prefixes[MAX_PREFIXES]; /* none overlaps another */
};

/* The traffic of one child SA. */
struct site_child {
	struct prefix office, azure;
};

struct site {
	struct azure_node node; /* the connection, for findings about the whole */
	const char *connection; /* borrowed names */
	const char *name;
	enum azure_mode mode;
	uint32_t dpd_timeout_s;
	struct azure_policy policy;
	size_t n_gateways;
	struct addr gateways[SITE_MAX_GATEWAYS]; /* one an instance, in Azure's order */
	struct addr local_id;
	struct azure_prefixes azure;
	struct azure_prefixes office;
	size_t n_children; /* 0: a route-based tunnel, any to any */
	struct site_child children[MAX_CHILDREN];
	struct secret psk;
};

/* Joins the resources of an inventory. `first` is where findings stand that belong to no resource.
 * Returns a site that the caller frees with site_free, or NULL: then there is an error finding, or
 * memory is out. */
struct site *site_join(const struct azure_inventory *inventory, const struct azure_file *first,
		       const struct site_options *options, struct findings *findings);

/* Wipes the key, then frees. */
void site_free(struct site *site);

static inline void cleanup_site(struct site **site)
{
	site_free(*site);
}
