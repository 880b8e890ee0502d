/* A connection's IPsec policy: Azure's words for algorithms, and our suites.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/suite.h"
#include "provisioning/fleet/azure_reader.h"

struct azure_policy {
	bool is_custom; /* else Azure's default policy, and no suites are here */
	/* two when Azure names AES-GCM where the hash stands, which leaves the PRF open */
	size_t n_ike_suites;
	struct ike_suite ike_suites[2];
	struct esp_suite esp_suite;
	uint32_t child_life_s;
	uint64_t child_life_kilobytes;
};

/* Reads `ipsecPolicies`; absent or empty means the default policy of a route-based gateway. What is
 * wrong or refused becomes an error finding, and `ret_policy` is untouched; what is weak becomes a
 * note with the command that mends it for the connection of this id (or NULL). */
void azure_policy_read(const struct azure_value *policies, const char *connection_id,
		       struct findings *findings, struct azure_policy *ret_policy);
