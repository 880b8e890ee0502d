/* Prints a device configuration, row by row of its table of keys.
 *
 * No string needs an escape: names, interfaces, addresses and suites are letters, digits and a few
 * harmless signs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/device_keys.h"

static const void *field(const struct key *key, const void *object)
{
	return (const char *)object + key->offset;
}

static void print_quoted(struct device_writer *writer, const char *text)
{
	fprintf(writer->file, "\"%s\"", text);
}

static void break_line(struct device_writer *writer)
{
	fprintf(writer->file, "\n%*s", writer->indent * 2, "");
}

/* Before each element, and once more to close. */
static void separate(struct device_writer *writer, const struct key *key, bool is_first)
{
	if (!is_first)
		fputc(',', writer->file);
	if (key->is_block)
		break_line(writer);
	else if (!is_first || key->members)
		fputc(' ', writer->file);
}

static void open_bracket(struct device_writer *writer, char bracket)
{
	fputc(bracket, writer->file);
	writer->indent++;
}

static void close_bracket(struct device_writer *writer, const struct key *key, char bracket)
{
	writer->indent--;
	if (key->is_block)
		break_line(writer);
	else if (key->members)
		fputc(' ', writer->file);
	fputc(bracket, writer->file);
}

void device_print_object(struct device_writer *writer, const struct key *key, const void *object)
{
	open_bracket(writer, '{');
	for (const struct key *member = key->members; member->name; member++) {
		separate(writer, key, member == key->members);
		fprintf(writer->file, "\"%s\": ", member->name);
		member->print(writer, member, field(key, object));
	}
	close_bracket(writer, key, '}');
}

void device_print_array(struct device_writer *writer, const struct key *key, const void *object)
{
	const void *list = field(key, object);
	const char *items = list;
	size_t n;

	memcpy(&n, (const char *)object + key->n_offset, sizeof(n));
	if (key->is_owned)
		memcpy(&items, list, sizeof(items));
	open_bracket(writer, '[');
	for (size_t i = 0; i < n; i++) {
		separate(writer, key, i == 0);
		key->item->print(writer, key->item, items + i * key->item_bytes);
	}
	close_bracket(writer, key, ']');
}

void device_print_format(struct device_writer *writer, const struct key *key, const void *object)
{
	(void)key;
	(void)object;
	print_quoted(writer, CONFIG_FORMAT);
}

void device_print_name(struct device_writer *writer, const struct key *key, const void *object)
{
	print_quoted(writer, field(key, object));
}

void device_print_ifname(struct device_writer *writer, const struct key *key, const void *object)
{
	print_quoted(writer, field(key, object));
}

void device_print_services(struct device_writer *writer, const struct key *key, const void *object)
{
	const unsigned int *set = field(key, object);
	const char *before = "";

	fputc('[', writer->file);
	for (const struct device_word *row = device_services; row->word; row++) {
		if (!(*set & row->value))
			continue;
		fputs(before, writer->file);
		print_quoted(writer, row->word);
		before = ", ";
	}
	fputc(']', writer->file);
}

void device_print_bool(struct device_writer *writer, const struct key *key, const void *object)
{
	const bool *value = field(key, object);

	fputs(*value ? "true" : "false", writer->file);
}

void device_print_u16(struct device_writer *writer, const struct key *key, const void *object)
{
	const uint16_t *value = field(key, object);

	fprintf(writer->file, "%u", *value);
}

void device_print_u32(struct device_writer *writer, const struct key *key, const void *object)
{
	const uint32_t *value = field(key, object);

	fprintf(writer->file, "%u", *value);
}

void device_print_u64(struct device_writer *writer, const struct key *key, const void *object)
{
	const uint64_t *value = field(key, object);

	fprintf(writer->file, "%llu", (unsigned long long)*value);
}

void device_print_addr(struct device_writer *writer, const struct key *key, const void *object)
{
	char text[ADDR_TEXT_BYTES];

	print_quoted(writer, addr_print(field(key, object), text));
}

void device_print_network(struct device_writer *writer, const struct key *key, const void *object)
{
	char text[PREFIX_TEXT_BYTES];

	print_quoted(writer, prefix_print(field(key, object), text));
}

void device_print_selector(struct device_writer *writer, const struct key *key, const void *object)
{
	device_print_network(writer, key, object);
}

void device_print_role(struct device_writer *writer, const struct key *key, const void *object)
{
	const enum tunnel_role *role = field(key, object);

	for (const struct device_word *row = device_roles; row->word; row++)
		if (row->value == *role)
			print_quoted(writer, row->word);
}

void device_print_ike_suite(struct device_writer *writer, const struct key *key, const void *object)
{
	char text[SUITE_TEXT_BYTES];

	print_quoted(writer, ike_suite_print(field(key, object), text));
}

void device_print_esp_suite(struct device_writer *writer, const struct key *key, const void *object)
{
	char text[SUITE_TEXT_BYTES];

	print_quoted(writer, esp_suite_print(field(key, object), text));
}

char *config_print(const struct device_config *config)
{
	_cleanup_free_ char *text = NULL;
	struct device_writer writer = { 0 };
	size_t len;
	int failed;

	writer.file = open_memstream(&text, &len);
	if (!writer.file)
		return NULL;
	device_print_object(&writer, &device_document, config);
	fputc('\n', writer.file);
	failed = ferror(writer.file);
	if (fclose(writer.file) || failed)
		return NULL;
	return steal(&text);
}
