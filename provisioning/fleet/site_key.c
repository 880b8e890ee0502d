/* The shared key: in the connection, or in what `az network vpn-connection shared-key show` prints.
 * No finding quotes one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "provisioning/fleet/site_parts.h"

/* Texts that tools and templates leave where a key belongs. */
static const char *const placeholders[] = { "GEN-UNIQUE", "GEN-PASSWORD", "GEN-SSH-PUB-KEY" };

struct key_fields {
	struct azure_value id, value;
};

static const struct azure_field key_fields[] = {
	{ "id", AZURE_STRING, offsetof(struct key_fields, id), NULL, NULL },
	{ "value", AZURE_SECRET, offsetof(struct key_fields, value), NULL, NULL },
};
static const struct azure_table key_table = { key_fields, countof(key_fields) };

static bool is_placeholder(const char *text, size_t len)
{
	for (size_t i = 0; i < countof(placeholders); i++)
		if (strcasecmp(text, placeholders[i]) == 0)
			return true;
	return text[0] == '<' && text[len - 1] == '>';
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static bool is_masked(const char *text)
{
	return text[strspn(text, "*")] == '\0';
}

/* Why a text is no key, as a sentence that ends before the command; NULL when it is one. */
static const char *objection(const char *text)
{
	size_t len = strlen(text);

	if (is_masked(text))
		return "the shared key is masked; print it in clear with";
	if (is_placeholder(text, len))
		return "the shared key is a template's placeholder; print the key with";
	if (len > MAX_PSK_BYTES)
		return "the shared key has more than 128 characters, Azure's bound (the portal's "
		       "exports hold it encrypted); print it in clear with";
	if (!is_printable(text))
		return "the shared key has a character that is not printable ASCII; print it with";
	return NULL;
}

/* Takes the key at a node; one that was taken before must be the same. */
static void take_key(struct site_joiner *joiner, const struct azure_node *node)
{
	_cleanup_(secret_wipe) struct secret psk = { 0 };
	_cleanup_free_ char *command =
		azure_show_command(AZURE_KIND_SHARED_KEY, joiner->resource->id);
	const char *text = azure_text(node);
	const char *why_not = objection(text);

	if (why_not)
		azure_error(joiner->findings, node, command, "%s", why_not);
	else if (secret_from_bytes(text, strlen(text), &psk) < 0)
		return;
	else if (joiner->site->psk.len == 0)
		joiner->site->psk = psk;
	else if (!secret_equal(&joiner->site->psk, &psk))
		azure_error(joiner->findings, node, command,
			    "two different shared keys are given for one connection; print the "
			    "one that holds with");
}

static size_t count_connections(const struct azure_inventory *inventory)
{
	size_t n = 0;

	for (size_t i = 0; i < inventory->n; i++)
		n += inventory->rows[i].kind == AZURE_KIND_CONNECTION;
	return n;
}

/* Whose key a response holds: its id begins with the connection's. Without ids it can only be that
 * of the only connection. */
static bool is_for(struct site_joiner *joiner, const struct azure_value *id,
		   const struct azure_node *node)
{
	const char *connection = joiner->resource->id;
	size_t len = connection ? strlen(connection) : 0;

	if (azure_is_set(id) && connection)
		return strncasecmp(azure_text(&id->node), connection, len) == 0 &&
		       strchr("/", azure_text(&id->node)[len]);
	if (count_connections(joiner->inventory) == 1)
		return true;
	azure_error(joiner->findings, node, NULL,
		    "this shared key does not say for which connection it is, and the files hold "
		    "several; give it with one connection alone");
	return false;
}

/* Reads what `shared-key show` printed. True when it is, or may be, about this connection. */
static bool take_response(struct site_joiner *joiner, const struct azure_resource *response)
{
	struct key_fields fields;

	azure_read(&key_table, &response->node, joiner->findings, &fields);
	if (!is_for(joiner, &fields.id, &response->node))
		return false;
	if (azure_is_set(&fields.value))
		take_key(joiner, &fields.value.node);
	else if (azure_is_missing(&fields.value))
		azure_error(joiner->findings, &fields.value.node, NULL,
			    "the shared key is empty; set one in Azure");
	return true;
}

void site_join_key(struct site_joiner *joiner)
{
	const struct azure_inventory *inventory = joiner->inventory;
	const struct azure_value *own = &joiner->connection.shared_key;
	_cleanup_free_ char *command =
		azure_show_command(AZURE_KIND_SHARED_KEY, joiner->resource->id);
	size_t n_errors = joiner->findings->n_errors;
	bool is_found = false;

	for (size_t i = 0; i < inventory->n; i++)
		if (inventory->rows[i].kind == AZURE_KIND_SHARED_KEY)
			is_found |= take_response(joiner, &inventory->rows[i]);
	/* a masked key in the connection is what the response was fetched for */
	if (azure_is_set(own) && !(is_found && is_masked(azure_text(&own->node))))
		take_key(joiner, &own->node);
	if (!is_found && azure_is_missing(own) && joiner->findings->n_errors == n_errors)
		azure_error(joiner->findings, &joiner->resource->node, command,
			    "the shared key of %s is in none of the files; print it with",
			    joiner->resource->name ? joiner->resource->name : "the connection");
}
