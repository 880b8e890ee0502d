/* One value of Azure's JSON, and the way to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/azure_node.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

struct azure_node azure_root(const struct azure_file *file)
{
	return (struct azure_node){ .file = file, .json = json_text_root(file->json) };
}

struct azure_node azure_child(const struct azure_node *parent, const char *token, json_t *json)
{
	struct azure_node node = *parent;

	node.json = json;
	json_pointer_append(node.pointer, sizeof(node.pointer), token);
	return node;
}

static bool is_absent(const json_t *json)
{
	return json_is_null(json) || (json_is_string(json) && json_string_length(json) == 0);
}

struct azure_node azure_member(const struct azure_node *object, const char *name,
			       struct findings *findings)
{
	struct azure_node found = azure_child(object, name, NULL);
	bool is_found = false;
	const char *key;
	json_t *value;

	if (!json_is_object(object->json))
		return found;
	json_object_foreach (object->json, key, value) {
		if (strcasecmp(key, name) != 0)
			continue;
		if (is_found) {
			struct azure_node second = azure_child(object, key, value);

			azure_error(findings, &second, NULL,
				    "%s is here twice, in two spellings; leave one", name);
			continue;
		}
		is_found = true;
		found = azure_child(object, key, is_absent(value) ? NULL : value);
	}
	return found;
}

struct azure_node azure_element(const struct azure_node *array, size_t index)
{
	char token[24];

	snprintf(token, sizeof(token), "%zu", index);
	return azure_child(array, token, json_array_get(array->json, index));
}

struct azure_node azure_properties(const struct azure_node *resource, struct findings *findings)
{
	struct azure_node properties = azure_member(resource, "properties", findings);

	if (properties.json && !json_is_object(properties.json))
		azure_error(findings, &properties, NULL, "properties must be an object");
	return json_object_size(properties.json) > 0 ? properties : *resource;
}

const char *azure_text(const struct azure_node *node)
{
	return json_string_value(node->json);
}

const char *azure_quote(const char *text, char buf[static AZURE_QUOTE_BYTES])
{
	size_t len = strlen(text), room = AZURE_QUOTE_BYTES - sizeof("...");

	snprintf(buf, AZURE_QUOTE_BYTES, "%.*s%s", (int)room, text, len > room ? "..." : "");
	return buf;
}

static bool is_expression(const char *text)
{
	size_t len = strlen(text);

	return len > 2 && text[0] == '[' && text[len - 1] == ']' &&
	       isalpha((unsigned char)text[1]) && strchr(text, '(');
}

void azure_finding(struct findings *findings, enum finding_level level,
		   const struct azure_node *node, const char *command, const char *format, ...)
{
	struct finding_place place = {
		.file = node->file->number,
		.path = node->file->path,
		.line = 1,
		.column = 1,
		.pointer = node->pointer,
	};
	_cleanup_free_ char *sentence = NULL;
	va_list args;

	if (!findings_is_full(findings))
		json_text_place(node->file->json, node->pointer, 0, &place.line, &place.column);
	va_start(args, format);
	if (vasprintf(&sentence, format, args) < 0)
		sentence = NULL;
	va_end(args);
	finding_add(findings, level, &place, command, "%s", sentence ? sentence : "memory is out");
}

bool azure_refuse_expression(const struct azure_node *node, const char *what, bool is_secret,
			     struct findings *findings)
{
	const char *text = azure_text(node);
	char quote[AZURE_QUOTE_BYTES];

	if (!text || !is_expression(text))
		return false;
	azure_error(findings, node, NULL,
		    "%s is %s of a template, unresolved; give the resource as Azure prints it",
		    what, is_secret ? "an expression" : azure_quote(text, quote));
	return true;
}
