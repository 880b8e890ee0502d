/* One value of Azure's JSON, and the way to it: so that every finding has a place.
 *
 * Azure's habits, handled here once: names are matched without regard to case; null and "" mean
 * absent; a resource keeps its members below `properties` (ARM, REST) or beside its name (az).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/json_text.h"
#include "provisioning/fleet/finding.h"

/* Azure's longest ways have about 120 bytes. */
#define AZURE_POINTER_BYTES 256

struct azure_file {
	size_t number;		/* on the command line */
	const char *path;	/* borrowed */
	struct json_text *json; /* owned by whoever read it */
};

/* Absent when `json` is NULL; `pointer` then says where it would stand. */
struct azure_node {
	const struct azure_file *file;
	json_t *json; /* borrowed from the file */
	char pointer[AZURE_POINTER_BYTES];
};

/* The whole document. */
struct azure_node azure_root(const struct azure_file *file);

/* A value that stands in `parent` under `token` (a name, or an index). */
struct azure_node azure_child(const struct azure_node *parent, const char *token, json_t *json);

/* A member of an object, by its name without regard to case. Two spellings of one name are an
 * error finding. Absent when `object` is no object. */
struct azure_node azure_member(const struct azure_node *object, const char *name,
			       struct findings *findings);

/* An element of an array, which has more than `index`. */
struct azure_node azure_element(const struct azure_node *array, size_t index);

/* Where a resource keeps its members: its `properties` unless that is absent or empty, else the
 * resource itself. */
struct azure_node azure_properties(const struct azure_node *resource, struct findings *findings);

/* The text of a string; NULL for anything else. */
const char *azure_text(const struct azure_node *node);

/* A stranger's text as sentences quote it: 60 bytes at most, and "..." for the rest. Returns `buf`.
 */
#define AZURE_QUOTE_BYTES 64
const char *azure_quote(const char *text, char buf[static AZURE_QUOTE_BYTES]);

/* True, and an error finding, for a template's expression, "[parameters('x')]", which no reader can
 * resolve. `what` begins the sentence. A secret is not quoted. */
bool azure_refuse_expression(const struct azure_node *node, const char *what, bool is_secret,
			     struct findings *findings);

/* Adds a finding about the node. `command` as in finding_add. */
#define azure_error(findings, node, command, ...)                                                  \
	azure_finding(findings, FINDING_ERROR, node, command, __VA_ARGS__)
#define azure_note(findings, node, command, ...)                                                   \
	azure_finding(findings, FINDING_NOTE, node, command, __VA_ARGS__)
__attribute__((format(printf, 5, 6))) void
azure_finding(struct findings *findings, enum finding_level level, const struct azure_node *node,
	      const char *command, const char *format, ...);
