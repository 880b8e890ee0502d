/* The resources that the given files hold, found in whatever Azure wraps them in.
 *
 * Taken are single resources, {"value": [...]}, arrays, {"resources": [...]}, what `az ... create`
 * wraps in one member ({"vnetGateway": {...}}), a deployment's template, and gateways that stand
 * inside a connection. A resource is known by its type, else by its id, else by its members.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "provisioning/fleet/azure_node.h"

/* A gateway has at most 100 connections (Azure's limit); this is forty gateways' worth. */
#define MAX_AZURE_RESOURCES 4096

enum azure_kind {
	AZURE_KIND_CONNECTION,
	AZURE_KIND_GATEWAY,	  /* virtualNetworkGateways: the gateway */
	AZURE_KIND_LOCAL_GATEWAY, /* localNetworkGateways: our box as Azure sees it */
	AZURE_KIND_PUBLIC_IP,
	AZURE_KIND_NETWORK,    /* virtualNetworks */
	AZURE_KIND_SHARED_KEY, /* what `shared-key show` prints: {"value": "..."} */
};
#define N_AZURE_KINDS (AZURE_KIND_SHARED_KEY + 1)

/* How much of a resource is here; of two with one id the better is taken. */
enum azure_rank {
	AZURE_RANK_INLINE, /* inside a connection */
	AZURE_RANK_LISTED, /* a connection that a list printed: Azure leaves members out there */
	AZURE_RANK_WHOLE,
};

struct azure_resource {
	enum azure_kind kind;
	enum azure_rank rank;
	struct azure_node node;
	struct azure_node body; /* where its members stand; the node, or its `properties` */
	const char *id;		/* borrowed; NULL for a request's body, which carries none */
	const char *name;	/* borrowed; its name, or the last part of its id; NULL */
};

struct azure_inventory {
	size_t n;
	struct azure_resource *rows; /* owned */
};

/* Adds the resources of one file, which must outlive the inventory. What cannot be read becomes a
 * finding. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int azure_inventory_add(struct azure_inventory *inventory,
							    const struct azure_file *file,
							    struct findings *findings);

/* The best resource of a kind with this id (compared without regard to case), or NULL. Two whole
 * ones that differ are an error finding. */
const struct azure_resource *azure_inventory_find(const struct azure_inventory *inventory,
						  enum azure_kind kind, const char *id,
						  struct findings *findings);

void azure_inventory_deinit(struct azure_inventory *inventory);

/* Azure's words for a kind, "virtual network gateway". */
const char *azure_kind_name(enum azure_kind kind);

/* The last part of an id, or NULL for NULL. */
const char *azure_id_name(const char *id);
