/* Reads members by tables: one reader for each type of value.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "provisioning/fleet/azure_reader.h"

/* The value stays absent, with a finding. */
static void refuse(struct azure_value *value)
{
	value->node.json = NULL;
	value->is_bad = true;
}

static bool is_unresolved(const struct azure_field *field, struct azure_value *value,
			  struct findings *findings)
{
	if (!azure_refuse_expression(&value->node, field->name, field->type == AZURE_SECRET,
				     findings))
		return false;
	refuse(value);
	return true;
}

static void wrong_type(const struct azure_field *field, struct azure_value *value,
		       const char *wanted, struct findings *findings)
{
	azure_error(findings, &value->node, NULL, "%s must be %s", field->name, wanted);
	refuse(value);
}

static void read_string(const struct azure_field *field, struct azure_value *value,
			struct findings *findings)
{
	if (!json_is_string(value->node.json))
		wrong_type(field, value, "a string", findings);
}

static void read_bool(const struct azure_field *field, struct azure_value *value,
		      struct findings *findings)
{
	const char *text = azure_text(&value->node);

	if (json_is_boolean(value->node.json))
		value->number = json_is_true(value->node.json);
	else if (text && (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0))
		value->number = strcasecmp(text, "true") == 0;
	else
		return wrong_type(field, value, "true or false", findings);
	if (value->number && field->refusal) {
		azure_error(findings, &value->node, NULL, "%s is true: %s", field->name,
			    field->refusal);
		refuse(value);
	}
}

static void read_number(const struct azure_field *field, struct azure_value *value,
			struct findings *findings)
{
	if (!json_is_integer(value->node.json))
		return wrong_type(field, value, "a whole number", findings);
	value->number = json_integer_value(value->node.json);
}

/* The words that are not refused, joined by commas. */
static void print_words(const struct azure_word *words, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (; words->word; words++) {
		int n;

		if (words->refusal)
			continue;
		n = snprintf(buf + used, size - used, "%s%s", used > 0 ? ", " : "", words->word);
		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

static void read_word(const struct azure_field *field, struct azure_value *value,
		      struct findings *findings)
{
	const char *text = azure_text(&value->node);
	char allowed[200], quote[AZURE_QUOTE_BYTES];

	if (!text)
		return wrong_type(field, value, "a string", findings);
	for (const struct azure_word *word = field->words; word->word; word++) {
		if (strcasecmp(text, word->word) != 0)
			continue;
		value->number = word->value;
		if (word->refusal) {
			azure_error(findings, &value->node, NULL, "%s is %s: %s", field->name,
				    word->word, word->refusal);
			refuse(value);
		}
		return;
	}
	print_words(field->words, allowed, sizeof(allowed));
	azure_error(findings, &value->node, NULL,
		    "%s is \"%s\", which is none of Azure's words for it that are supported: %s",
		    field->name, azure_quote(text, quote), allowed);
	refuse(value);
}

static void read_link(const struct azure_field *field, struct azure_value *value,
		      struct findings *findings)
{
	struct azure_node id = azure_member(&value->node, "id", findings);

	if (!json_is_object(value->node.json))
		return wrong_type(field, value, "an object with an id", findings);
	if (!id.json) {
		azure_error(findings, &value->node, NULL,
			    "%s has no id, so that the resource it means cannot be found",
			    field->name);
		return refuse(value);
	}
	value->node = id;
	if (!is_unresolved(field, value, findings))
		read_string(field, value, findings);
}

static void read_list(const struct azure_field *field, struct azure_value *value,
		      struct findings *findings)
{
	size_t n = json_array_size(value->node.json);

	if (!json_is_array(value->node.json))
		return wrong_type(field, value, "a list", findings);
	if (n > 0 && field->refusal) {
		azure_error(findings, &value->node, NULL, "%s has %zu %s: %s", field->name, n,
			    n == 1 ? "entry" : "entries", field->refusal);
		refuse(value);
	}
}

static void read_object(const struct azure_field *field, struct azure_value *value,
			struct findings *findings)
{
	if (!json_is_object(value->node.json))
		wrong_type(field, value, "an object", findings);
}

/* A setting that is off, empty or usual asks for nothing. */
static bool asks_for_nothing(const struct azure_node *node, const struct azure_word *usual)
{
	const json_t *json = node->json;
	const char *text = azure_text(node);

	if (json_is_array(json) || json_is_object(json))
		return json_array_size(json) + json_object_size(json) == 0;
	if (!text)
		return json_is_false(json);
	for (; usual && usual->word; usual++)
		if (strcasecmp(text, usual->word) == 0)
			return true;
	return strcasecmp(text, "false") == 0;
}

static void read_unused(const struct azure_field *field, struct azure_value *value,
			struct findings *findings)
{
	const char *text = azure_text(&value->node), *is = "set";
	char quote[AZURE_QUOTE_BYTES];

	if (asks_for_nothing(&value->node, field->words))
		return;
	if (json_is_true(value->node.json))
		is = "true";
	else if (text)
		is = azure_quote(text, quote);
	azure_note(findings, &value->node, NULL, "%s is %s: %s", field->name, is, field->refusal);
}

static void (*const readers[])(const struct azure_field *field, struct azure_value *value,
			       struct findings *findings) = {
	[AZURE_STRING] = read_string, [AZURE_SECRET] = read_string, [AZURE_BOOL] = read_bool,
	[AZURE_NUMBER] = read_number, [AZURE_WORD] = read_word,	    [AZURE_LINK] = read_link,
	[AZURE_LIST] = read_list,     [AZURE_OBJECT] = read_object, [AZURE_UNUSED] = read_unused,
};

static struct azure_value read_value(const struct azure_field *field,
				     const struct azure_node *object, struct findings *findings)
{
	struct azure_value value = { .node = azure_member(object, field->name, findings) };

	if (value.node.json && !is_unresolved(field, &value, findings))
		readers[field->type](field, &value, findings);
	return value;
}

void azure_read(const struct azure_table *table, const struct azure_node *object,
		struct findings *findings, void *ret)
{
	bool is_object = json_is_object(object->json);

	if (!is_object)
		azure_error(findings, object, NULL, "an object is needed here");
	for (size_t i = 0; i < table->n_fields; i++) {
		const struct azure_field *field = &table->fields[i];
		struct azure_value value = read_value(field, object, findings);

		value.is_bad = value.is_bad || !is_object;
		memcpy((char *)ret + field->offset, &value, sizeof(value));
	}
}

struct azure_value azure_list_in(const struct azure_value *object, const char *name,
				 struct findings *findings)
{
	struct azure_field field = { .name = name, .type = AZURE_LIST };

	return read_value(&field, &object->node, findings);
}
