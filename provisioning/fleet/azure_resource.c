/* The resources that the given files hold.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/azure_resource.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

/* How a kind is known: by its type, and when there is none by one of its members. */
static const struct {
	const char *name;
	const char *type; /* below Microsoft.Network */
	const char *members[4];
} kinds[N_AZURE_KINDS] = {
	[AZURE_KIND_CONNECTION] = { "connection",
				    "connections",
				    { "connectionType", "virtualNetworkGateway1",
				      "localNetworkGateway2" } },
	[AZURE_KIND_GATEWAY] = { "virtual network gateway",
				 "virtualNetworkGateways",
				 { "gatewayType", "vpnType" } },
	[AZURE_KIND_LOCAL_GATEWAY] = { "local network gateway",
				       "localNetworkGateways",
				       { "localNetworkAddressSpace", "gatewayIpAddress" } },
	[AZURE_KIND_PUBLIC_IP] = { "public IP address",
				   "publicIPAddresses",
				   { "publicIPAllocationMethod", "publicIPAddressVersion" } },
	[AZURE_KIND_NETWORK] = { "virtual network",
				 "virtualNetworks",
				 { "subnets", "virtualNetworkPeerings" } },
	[AZURE_KIND_SHARED_KEY] = { "shared key", "connections/sharedkey", { NULL } },
};

static const char provider[] = "Microsoft.Network/";
static const char providers[] = "/providers/";

/* Gateways that can stand inside a connection. */
static const struct {
	const char *member;
	enum azure_kind kind;
} inline_links[] = {
	{ "virtualNetworkGateway1", AZURE_KIND_GATEWAY },
	{ "localNetworkGateway2", AZURE_KIND_LOCAL_GATEWAY },
};

/* What wraps resources. Elements of a list that Azure printed may lack members. */
static const struct {
	const char *member;
	bool is_list;
} containers[] = {
	{ "value", true },
	{ "resources", false },
	{ "template", false },
	{ "data", false },
};

/* What might be taken for a resource that is read here. */
static const struct {
	const char *member;
	const char *sentence;
} strangers[] = {
	{ "vpnSiteConfiguration", "this is a Virtual WAN site download; only connections of a "
				  "virtual network gateway are read" },
	{ "parameters", "this is a template's parameters file; resources as Azure prints them are "
			"needed" },
	{ "ipsecEncryption", "this is an IPsec policy without its connection, which is needed" },
	{ "vpnLinkConnections", "this is a connection of Virtual WAN; only connections of a "
				"virtual network gateway are read" },
};

/* A resource of another kind: has a type, but none of ours. */
#define FOREIGN (-2)
#define UNKNOWN (-1)

#define TYPE_BYTES 100 /* longer types are not ours */

struct walk {
	struct azure_inventory *inventory;
	struct findings *findings;
	char foreign[TYPE_BYTES]; /* type of the first resource of another kind */
};

const char *azure_kind_name(enum azure_kind kind)
{
	return kinds[kind].name;
}

const char *azure_id_name(const char *id)
{
	const char *slash = id ? strrchr(id, '/') : NULL;

	return slash ? slash + 1 : id;
}

void azure_inventory_deinit(struct azure_inventory *inventory)
{
	free(inventory->rows);
	*inventory = (struct azure_inventory){ 0 };
}

/* The kind of a type such as "Microsoft.Network/connections". */
static int kind_of_type(const char *type)
{
	size_t n = sizeof(provider) - 1;

	if (strncasecmp(type, provider, n) != 0)
		return FOREIGN;
	for (int kind = 0; kind < N_AZURE_KINDS; kind++)
		if (strcasecmp(type + n, kinds[kind].type) == 0)
			return kind;
	return FOREIGN;
}

/* The type that an id names: its provider and every other part behind it. False for no id. */
static bool type_of_id(const char *id, char *buf, size_t size)
{
	const char *at = id;
	size_t used = 0;

	for (const char *next = id; (next = strcasestr(next, providers)); next++)
		at = next;
	if (strncasecmp(at, providers, sizeof(providers) - 1) != 0)
		return false;
	at += sizeof(providers) - 1;
	/* provider, type, name, type, name ...: names are left out */
	for (size_t part = 0; *at; part++) {
		bool is_name = part >= 2 && part % 2 == 0;
		size_t len = strcspn(at, "/");

		if (!is_name && used + len + 2 <= size) {
			if (used > 0)
				buf[used++] = '/';
			memcpy(buf + used, at, len);
			used += len;
		}
		at += len;
		at += *at == '/';
	}
	buf[used] = '\0';
	return used > 0;
}

static int kind_of_members(const struct azure_node *body, struct findings *findings)
{
	for (int kind = 0; kind < N_AZURE_KINDS; kind++)
		for (const char *const *name = kinds[kind].members; *name; name++)
			if (azure_member(body, *name, findings).json)
				return kind;
	return UNKNOWN;
}

static int recognize(struct walk *walk, const struct azure_node *node,
		     const struct azure_node *body)
{
	struct azure_node type = azure_member(node, "type", walk->findings);
	struct azure_node id = azure_member(node, "id", walk->findings);
	char buf[TYPE_BYTES];
	int kind;

	if (json_is_string(json_object_get(node->json, "value"))) /* an empty one too */
		return AZURE_KIND_SHARED_KEY;
	if (azure_text(&type))
		snprintf(buf, sizeof(buf), "%s", azure_text(&type));
	else if (!azure_text(&id) || !type_of_id(azure_text(&id), buf, sizeof(buf)))
		return kind_of_members(body, walk->findings);
	kind = kind_of_type(buf);
	if (kind == FOREIGN && !walk->foreign[0])
		memcpy(walk->foreign, buf, sizeof(buf));
	return kind;
}

/* A connection that a list printed lacks all of these, and its key (ConnectionListEntity). */
static bool is_list_entity(const struct azure_node *node, const struct azure_node *body,
			   struct findings *findings)
{
	static const char *const left_out[] = { "sharedKey", "dpdTimeoutSeconds",
						"useLocalAzureIpAddress", "ingressNatRules",
						"egressNatRules" };

	for (size_t i = 0; i < countof(left_out); i++)
		if (azure_member(body, left_out[i], findings).json)
			return false;
	/* printed by Azure, not written by hand or by a template */
	return azure_member(node, "etag", findings).json ||
	       azure_member(body, "provisioningState", findings).json;
}

static int add(struct walk *walk, enum azure_kind kind, enum azure_rank rank,
	       const struct azure_node *node, const struct azure_node *body)
{
	struct azure_inventory *inventory = walk->inventory;
	struct azure_node id = azure_member(node, "id", walk->findings);
	struct azure_node name = azure_member(node, "name", walk->findings);
	struct azure_resource *rows = inventory->rows;

	if (inventory->n == MAX_AZURE_RESOURCES) {
		azure_error(walk->findings, node, NULL,
			    "this is resource %d; at most %d are read in one run",
			    MAX_AZURE_RESOURCES + 1, MAX_AZURE_RESOURCES);
		return 0;
	}
	/* room is doubled whenever the count is a power of two */
	if ((inventory->n & (inventory->n - 1)) == 0)
		rows = realloc(rows, (inventory->n ? 2 * inventory->n : 1) * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	inventory->rows = rows;
	rows[inventory->n++] = (struct azure_resource){
		.kind = kind,
		.rank = rank,
		.node = *node,
		.body = *body,
		.id = azure_text(&id),
		.name = azure_text(&name) ? azure_text(&name) : azure_id_name(azure_text(&id)),
	};
	return 0;
}

/* A gateway inside a connection counts when it has members of its kind; else it is a link. */
static int add_inline(struct walk *walk, const struct azure_node *connection)
{
	int r = 0;

	for (size_t i = 0; i < countof(inline_links) && r == 0; i++) {
		struct azure_node link =
			azure_member(connection, inline_links[i].member, walk->findings);
		struct azure_node body = azure_properties(&link, walk->findings);

		if (kind_of_members(&body, walk->findings) == (int)inline_links[i].kind)
			r = add(walk, inline_links[i].kind, AZURE_RANK_INLINE, &link, &body);
	}
	return r;
}

static int add_resource(struct walk *walk, enum azure_kind kind, const struct azure_node *node,
			const struct azure_node *body, bool is_listed)
{
	enum azure_rank rank = AZURE_RANK_WHOLE;
	int r;

	if (kind == AZURE_KIND_CONNECTION && is_listed &&
	    is_list_entity(node, body, walk->findings))
		rank = AZURE_RANK_LISTED;
	r = add(walk, kind, rank, node, body);
	if (r == 0 && kind == AZURE_KIND_CONNECTION)
		r = add_inline(walk, body);
	return r;
}

static void add_stranger(struct walk *walk, const struct azure_node *node)
{
	const char *sentence = "this is no resource of Azure that is read here: it has neither a "
			       "type nor an id nor members that tell its kind";

	for (size_t i = 0; i < countof(strangers); i++)
		if (azure_member(node, strangers[i].member, walk->findings).json)
			sentence = strangers[i].sentence;
	azure_error(walk->findings, node, NULL, "%s", sentence);
}

static int walk_value(struct walk *walk, const struct azure_node *node, bool is_listed);

static int walk_members(struct walk *walk, const struct azure_node *node)
{
	const char *key;
	json_t *value;
	int r = 0;

	json_object_foreach (node->json, key, value) {
		struct azure_node member = azure_child(node, key, value);

		r = walk_value(walk, &member, false);
		if (r < 0)
			break;
	}
	return r;
}

/* Walks what the object wraps. `ret_is_container` says whether it wraps anything. */
static int walk_containers(struct walk *walk, const struct azure_node *node, bool *ret_is_container)
{
	bool is_container = false;
	int r = 0;

	for (size_t i = 0; i < countof(containers) && r == 0; i++) {
		struct azure_node member = azure_member(node, containers[i].member, walk->findings);
		bool is_keyed = json_is_object(member.json) &&
				strcmp(containers[i].member, "resources") == 0;

		if (!json_is_array(member.json) && !json_is_object(member.json))
			continue;
		is_container = true;
		r = is_keyed ? walk_members(walk, &member)
			     : walk_value(walk, &member, containers[i].is_list);
	}
	*ret_is_container = is_container;
	return r;
}

static int walk_object(struct walk *walk, const struct azure_node *node, bool is_listed)
{
	struct azure_node body = azure_properties(node, walk->findings);
	struct azure_node template = azure_member(&body, "template", walk->findings);
	int kind = recognize(walk, node, &body);
	bool is_container;
	int r;

	if (kind >= 0)
		return add_resource(walk, (enum azure_kind)kind, node, &body, is_listed);
	if (json_is_object(template.json)) /* a deployment */
		return walk_value(walk, &template, false);
	if (kind == FOREIGN)
		return 0;
	r = walk_containers(walk, node, &is_container);
	if (r < 0 || is_container)
		return r;
	if (json_object_size(node->json) == 1 &&
	    json_is_object(json_object_iter_value(json_object_iter(node->json))))
		return walk_members(walk, node);
	add_stranger(walk, node);
	return 0;
}

static int walk_value(struct walk *walk, const struct azure_node *node, bool is_listed)
{
	int r = 0;

	if (json_is_object(node->json))
		return walk_object(walk, node, is_listed);
	if (!json_is_array(node->json)) {
		azure_error(walk->findings, node, NULL,
			    "a resource of Azure is an object; here stands something else");
		return 0;
	}
	for (size_t i = 0; i < json_array_size(node->json) && r == 0; i++) {
		struct azure_node element = azure_element(node, i);

		r = walk_value(walk, &element, is_listed || !node->pointer[0]);
	}
	return r;
}

int azure_inventory_add(struct azure_inventory *inventory, const struct azure_file *file,
			struct findings *findings)
{
	struct walk walk = { .inventory = inventory, .findings = findings };
	struct azure_node root = azure_root(file);
	size_t n = inventory->n, n_errors = findings->n_errors;
	int r = walk_value(&walk, &root, false);

	if (r == 0 && inventory->n == n && findings->n_errors == n_errors)
		azure_note(findings, &root, NULL,
			   "the file adds nothing: %s%sno resource of a kind that is read here",
			   walk.foreign, walk.foreign[0] ? " is " : "it holds ");
	return r;
}

const struct azure_resource *azure_inventory_find(const struct azure_inventory *inventory,
						  enum azure_kind kind, const char *id,
						  struct findings *findings)
{
	const struct azure_resource *best = NULL;

	for (size_t i = 0; i < inventory->n; i++) {
		const struct azure_resource *row = &inventory->rows[i];

		if (row->kind != kind || !row->id || strcasecmp(row->id, id) != 0)
			continue;
		if (!best || row->rank > best->rank)
			best = row;
		else if (row->rank == AZURE_RANK_WHOLE && best->rank == AZURE_RANK_WHOLE &&
			 !json_equal(row->node.json, best->node.json))
			azure_error(findings, &row->node, NULL,
				    "the %s %s is described twice, and not alike; leave out one",
				    kinds[kind].name, row->name);
	}
	return best;
}
