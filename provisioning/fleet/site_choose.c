/* Which connection is meant. One configuration is for one office and one tunnel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "provisioning/fleet/site_parts.h"

/* Connections in the order of the files, each id once. */
struct candidates {
	size_t n;
	const struct azure_resource **rows; /* owned */
};

static void cleanup_candidates(struct candidates *candidates)
{
	free(candidates->rows);
}

static const char *name_of(const struct azure_resource *connection)
{
	return connection->name ? connection->name : "(without a name)";
}

/* The id of the office's end, or NULL. */
static const char *local_gateway_of(const struct azure_resource *connection,
				    struct findings *findings)
{
	struct azure_node link = azure_member(&connection->body, "localNetworkGateway2", findings);
	struct azure_node id = azure_member(&link, "id", findings);

	return azure_text(&id);
}

static bool collect(const struct azure_inventory *inventory, struct findings *findings,
		    struct candidates *ret_candidates)
{
	struct candidates candidates = { .rows = calloc(inventory->n + 1, sizeof(void *)) };

	if (!candidates.rows)
		return false;
	for (size_t i = 0; i < inventory->n; i++) {
		const struct azure_resource *row = &inventory->rows[i];

		if (row->kind == AZURE_KIND_CONNECTION &&
		    (!row->id || azure_inventory_find(inventory, AZURE_KIND_CONNECTION, row->id,
						      findings) == row))
			candidates.rows[candidates.n++] = row;
	}
	*ret_candidates = candidates;
	return true;
}

/* The names, joined by commas: "cn-a (for lng-a), cn-b (for lng-b)"; the first ones of many. */
static void print_candidates(const struct candidates *candidates, struct findings *findings,
			     char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < candidates->n; i++) {
		const char *site = azure_id_name(local_gateway_of(candidates->rows[i], findings));
		int n;

		if (i == 8) {
			snprintf(buf + used, size - used, ", and %zu more", candidates->n - i);
			return;
		}
		n = snprintf(buf + used, size - used, "%s%.80s%s%.80s%s", i > 0 ? ", " : "",
			     name_of(candidates->rows[i]), site ? " (for " : "", site ? site : "",
			     site ? ")" : "");
		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

static bool is_named(const struct azure_resource *connection, const char *name)
{
	return connection->name && strcasecmp(connection->name, name) == 0;
}

static bool is_of_site(const struct azure_resource *connection, const char *site,
		       struct findings *findings)
{
	const char *id = local_gateway_of(connection, findings);

	return id && strcasecmp(azure_id_name(id), site) == 0;
}

/* Keeps those of this name, or of this site. Keeps all, with a finding, when none is. */
static bool narrow(struct candidates *candidates, const char *option, const char *name,
		   bool is_site, const struct azure_node *complain_at, struct findings *findings)
{
	char names[800];
	size_t n = 0;

	for (size_t i = 0; i < candidates->n; i++) {
		const struct azure_resource *row = candidates->rows[i];

		if (is_site ? is_of_site(row, name, findings) : is_named(row, name)) {
			candidates->rows[i] = candidates->rows[n];
			candidates->rows[n++] = row;
		}
	}
	if (n == 0) {
		print_candidates(candidates, findings, names, sizeof(names));
		azure_error(findings, complain_at, NULL,
			    "no connection is that of %s %s; the files hold %s", option, name,
			    names);
		return false;
	}
	candidates->n = n;
	return true;
}

static void refuse_several(const struct candidates *candidates, struct findings *findings)
{
	const struct azure_resource *second = candidates->rows[1];
	const char *site = local_gateway_of(second, findings);
	struct azure_connection connection;
	bool is_one_site = site != NULL;
	char names[800];

	/* what is wrong with each of them helps to choose */
	for (size_t i = 0; i < candidates->n; i++) {
		const char *other = local_gateway_of(candidates->rows[i], findings);

		is_one_site = is_one_site && other && strcasecmp(site, other) == 0;
		azure_read(&azure_connection_table, &candidates->rows[i]->body, findings,
			   &connection);
	}
	print_candidates(candidates, findings, names, sizeof(names));
	if (is_one_site)
		azure_error(findings, &second->node, NULL,
			    "%zu connections lead to the site %s, and one is supported: %s; choose "
			    "with --connection",
			    candidates->n, azure_id_name(site), names);
	else
		azure_error(findings, &second->node, NULL,
			    "the files hold %zu connections, and a configuration is for one: %s; "
			    "choose with --connection or --site",
			    candidates->n, names);
}

const struct azure_resource *site_choose(const struct azure_inventory *inventory,
					 const struct azure_file *first,
					 const struct site_options *options,
					 struct findings *findings)
{
	_cleanup_(cleanup_candidates) struct candidates candidates = { 0 };
	struct azure_node root = azure_root(first);
	_cleanup_free_ char *command = azure_show_command(AZURE_KIND_CONNECTION, NULL);
	bool is_request;

	if (!collect(inventory, findings, &candidates))
		return NULL;
	if (candidates.n == 0) {
		azure_error(findings, &root, command,
			    "none of the files holds a connection; print it with");
		return NULL;
	}
	/* a request's body carries no name, and takes the one that is given */
	is_request = candidates.n == 1 && !candidates.rows[0]->name;
	if (options->connection && !is_request &&
	    !narrow(&candidates, "--connection", options->connection, false, &root, findings))
		return NULL;
	if (options->site && candidates.n > 1 &&
	    !narrow(&candidates, "--site", options->site, true, &root, findings))
		return NULL;
	if (candidates.n > 1) {
		refuse_several(&candidates, findings);
		return NULL;
	}
	return candidates.rows[0];
}
