/* Azure's resources as values: every member that matters, with its place.
 *
 * Members are rows of tables: name, type, where it goes, and what is refused. Members that no row
 * names are passed over, since Azure adds some with every version; a known one of a wrong type, an
 * unknown word where Azure has a list of words, and a feature that is not supported are error
 * findings; a setting that changes nothing here is a note.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "provisioning/fleet/azure_node.h"

struct azure_value {
	struct azure_node node; /* of a link: its id */
	int64_t number;		/* of a number, a boolean, or a word's value */
	bool is_bad;		/* there is a finding about it already; reads as absent */
};

static inline bool azure_is_set(const struct azure_value *value)
{
	return value->node.json != NULL;
}

/* Neither there nor complained about. */
static inline bool azure_is_missing(const struct azure_value *value)
{
	return !value->node.json && !value->is_bad;
}

enum azure_type {
	AZURE_STRING,
	AZURE_SECRET, /* a string that no finding quotes */
	AZURE_BOOL,   /* also "true" and "false" */
	AZURE_NUMBER,
	AZURE_WORD, /* one of a list, without regard to case */
	AZURE_LINK, /* an object with an id */
	AZURE_LIST,
	AZURE_OBJECT,
	AZURE_UNUSED, /* of any type; a note when it asks for something */
};

/* A word of one of Azure's lists. */
struct azure_word {
	const char *word; /* NULL ends the list */
	int64_t value;
	const char *refusal; /* why it is refused and what to do; NULL when it is not */
};

struct azure_field {
	const char *name;
	enum azure_type type;
	size_t offset;			/* of a struct azure_value */
	const struct azure_word *words; /* AZURE_WORD; AZURE_UNUSED: those that need no note */
	/* AZURE_BOOL: of true; AZURE_LIST: of one with entries; AZURE_UNUSED: what to note */
	const char *refusal;
};

struct azure_table {
	const struct azure_field *fields;
	size_t n_fields;
};

/* Reads the members of an object into the struct at `ret`, which is the one that the table's
 * offsets mean; every field of it is written. */
void azure_read(const struct azure_table *table, const struct azure_node *object,
		struct findings *findings, void *ret);

enum azure_mode { AZURE_MODE_DEFAULT, AZURE_MODE_RESPONDER_ONLY, AZURE_MODE_INITIATOR_ONLY };
enum azure_authentication { AZURE_AUTHENTICATION_PSK, AZURE_AUTHENTICATION_CERTIFICATE };

/* Microsoft.Network/connections */
struct azure_connection {
	struct azure_value type, protocol, mode;   /* mode: enum azure_mode */
	struct azure_value gateway, local_gateway; /* links */
	struct azure_value shared_key;
	struct azure_value authentication; /* enum azure_authentication */
	struct azure_value certificate, dpd_timeout_s;
	struct azure_value policies; /* list, read by azure_policy.h */
	struct azure_value bgp, local_azure_address, policy_selectors;
	struct azure_value selectors; /* list of struct azure_selectors */
	struct azure_value ingress_nat, egress_nat;
	struct azure_value tunnels, state; /* unused */
};

/* An entry of trafficSelectorPolicies: each prefix of one side with each of the other. */
struct azure_selectors {
	struct azure_value azure, office; /* lists of strings */
};

/* Microsoft.Network/virtualNetworkGateways */
struct azure_gateway {
	struct azure_value type, vpn_type, active_active;
	struct azure_value ip_configurations; /* list of struct azure_ip_configuration */
	struct azure_value bgp_settings;      /* struct azure_bgp_settings */
	struct azure_value default_site;      /* link */
	struct azure_value custom_routes;     /* struct azure_custom_routes */
	struct azure_value bgp, nat_rules, replays, state; /* unused */
};

struct azure_custom_routes {
	struct azure_value prefixes;
};

struct azure_bgp_settings {
	struct azure_value addresses; /* list of struct azure_bgp_address */
};

struct azure_bgp_address {
	struct azure_value configuration;    /* id of the IP configuration that it is of */
	struct azure_value tunnel_addresses; /* list of strings */
};

struct azure_ip_configuration {
	struct azure_value public_ip, subnet; /* links */
	struct azure_value private_address;
};

/* Microsoft.Network/localNetworkGateways */
struct azure_local_gateway {
	struct azure_value address, fqdn, address_space;
	struct azure_value bgp_settings; /* unused */
};

/* Microsoft.Network/publicIPAddresses */
struct azure_public_ip {
	struct azure_value address;
};

/* Microsoft.Network/virtualNetworks */
struct azure_network {
	struct azure_value address_space, peerings;
};

struct azure_peering {
	struct azure_value has_gateway_transit; /* the peer may use this network's gateway */
	struct azure_value network;		/* link */
	struct azure_value current_space, synced_space;
	struct azure_value state; /* unused */
};

/* Each reads into the struct of its name. */
extern const struct azure_table azure_connection_table;
extern const struct azure_table azure_selectors_table;
extern const struct azure_table azure_gateway_table;
extern const struct azure_table azure_custom_routes_table;
extern const struct azure_table azure_bgp_settings_table;
extern const struct azure_table azure_bgp_address_table;
extern const struct azure_table azure_ip_configuration_table;
extern const struct azure_table azure_local_gateway_table;
extern const struct azure_table azure_public_ip_table;
extern const struct azure_table azure_network_table;
extern const struct azure_table azure_peering_table;

/* The list `name` inside an object value (addressPrefixes of an address space); missing when either
 * is. */
struct azure_value azure_list_in(const struct azure_value *object, const char *name,
				 struct findings *findings);
