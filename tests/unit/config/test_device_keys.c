/* config/schema.json and the parser's table of keys say the same, in both directions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/device_keys.h"

#include <regex.h>
#include <string.h>

#include "tests/unit/rows.h"

static json_t *schema;

static int load_schema(void **state)
{
	json_error_t error;

	(void)state;
	schema = json_load_file("config/schema.json", JSON_REJECT_DUPLICATES, &error);
	return schema ? 0 : -1;
}

static int free_schema(void **state)
{
	(void)state;
	json_decref(schema);
	return 0;
}

/* Follows a reference to a definition of this schema. */
static const json_t *resolve(const json_t *node)
{
	static const char prefix[] = "#/$defs/";
	const char *ref = json_string_value(json_object_get(node, "$ref"));
	const json_t *target;

	if (!ref)
		return node;
	assert_memory_equal(ref, prefix, sizeof(prefix) - 1);
	target = json_object_get(json_object_get(schema, "$defs"), ref + sizeof(prefix) - 1);
	assert_non_null(target);
	return resolve(target);
}

static bool lists(const json_t *array, const char *word)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (strcmp(json_string_value(json_array_get(array, i)), word) == 0)
			return true;
	return false;
}

static void compare_words(const json_t *node, const struct device_word *words)
{
	const json_t *listed = json_object_get(node, "enum");
	size_t n = 0;

	for (; words[n].word; n++)
		assert_true(lists(listed, words[n].word));
	assert_int_equal(json_array_size(listed), n);
}

static void compare_number(const json_t *node, const struct key *key)
{
	json_int_t least = json_integer_value(json_object_get(node, "minimum"));
	const json_t *initial = json_object_get(node, "default");

	assert_string_equal(json_string_value(json_object_get(node, "type")), "integer");
	if (key->is_zero_allowed) {
		const json_t *choices = json_object_get(node, "anyOf");

		assert_int_equal(least, 0);
		assert_int_equal(
			json_integer_value(json_object_get(json_array_get(choices, 0), "const")),
			0);
		least = json_integer_value(json_object_get(json_array_get(choices, 1), "minimum"));
	}
	assert_int_equal(least, key->min);
	assert_int_equal(json_integer_value(json_object_get(node, "maximum")), key->max);
	assert_int_equal(initial != NULL, !key->is_required);
	assert_int_equal(json_integer_value(initial), key->initial);
}

static void compare(const json_t *node, const struct key *key);

static void compare_object(const json_t *node, const struct key *key)
{
	const json_t *properties = json_object_get(node, "properties");
	const json_t *required = json_object_get(node, "required");
	size_t n = 0, n_required = 0;

	assert_true(json_is_false(json_object_get(node, "additionalProperties")));
	for (const struct key *member = key->members; member->name; member++, n++) {
		const json_t *property = json_object_get(properties, member->name);

		if (!property)
			fail_msg("the schema has no \"%s\"", member->name);
		if (lists(required, member->name) != member->is_required)
			fail_msg("\"%s\" is required in one only", member->name);
		n_required += member->is_required;
		compare(resolve(property), member);
	}
	/* no more of them in the schema than in the table */
	assert_int_equal(json_object_size(properties), n);
	assert_int_equal(json_array_size(required), n_required);
}

static void compare_array(const json_t *node, const struct key *key)
{
	assert_string_equal(json_string_value(json_object_get(node, "type")), "array");
	assert_int_equal(json_integer_value(json_object_get(node, "minItems")), key->min);
	assert_int_equal(json_integer_value(json_object_get(node, "maxItems")), key->max);
	compare(resolve(json_object_get(node, "items")), key->item);
}

static void compare(const json_t *node, const struct key *key)
{
	if (key->members)
		compare_object(node, key);
	else if (key->item)
		compare_array(node, key);
	else if (key->max)
		compare_number(node, key);
	else if (key->parse == device_parse_role)
		compare_words(node, device_roles);
	else if (key->parse == device_parse_services)
		compare_words(json_object_get(node, "items"), device_services);
	else if (key->parse == device_parse_bool)
		assert_string_equal(json_string_value(json_object_get(node, "type")), "boolean");
	else if (key->parse == device_parse_format)
		assert_string_equal(json_string_value(json_object_get(node, "const")),
				    CONFIG_FORMAT);
	else
		assert_string_equal(json_string_value(json_object_get(node, "type")), "string");
}

static void schema_and_table_have_the_same_keys_and_bounds(void **state)
{
	(void)state;
	compare(schema, &device_document);
}

/* True if the pattern of a definition takes the text. */
static bool pattern_takes(const char *definition, const char *text)
{
	const json_t *node = json_object_get(json_object_get(schema, "$defs"), definition);
	const char *pattern = json_string_value(json_object_get(node, "pattern"));
	const char *not_pattern =
		json_string_value(json_object_get(json_object_get(node, "not"), "pattern"));
	regex_t regex;
	bool is_taken;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	is_taken = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	if (not_pattern) {
		assert_int_equal(regcomp(&regex, not_pattern, REG_EXTENDED | REG_NOSUB), 0);
		is_taken = is_taken && regexec(&regex, text, 0, NULL, 0) != 0;
		regfree(&regex);
	}
	return is_taken;
}

/* True if the parser of a kind takes the text. */
static bool parser_takes(key_parse_fn *parse, const char *text)
{
	union {
		struct device_config config;
		struct tunnel tunnel;
		char bytes[4096];
	} object = { 0 };
	struct config_error error;
	struct device_reader reader = { .error = &error };
	const struct key key = { 0 };
	struct json_text *json;
	json_t *value = json_string(text);
	char *printed = json_dumps(value, JSON_ENCODE_ANY);
	int r;

	assert_int_equal(json_text_parse(printed, strlen(printed), JSON_TEXT_STRICT, &json, &error),
			 0);
	reader.json = json;
	r = parse(&reader, &key, value, &object);
	json_text_free(json);
	json_decref(value);
	free(printed);
	return r == 0;
}

static const struct row {
	const char *name, *definition;
	key_parse_fn *parse;
	const char *texts[20];
} rows[] = {
	{ "names",
	  "name",
	  device_parse_name,
	  { "a", "cn-branch7", "7.x_y-z", "", "-a", ".a", "a b", "a/b", "a\n", "a\"",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } },
	{ "interfaces",
	  "interface",
	  device_parse_ifname,
	  { "eth0", "eth0.100", "br-lan", "wan012345678901", "wan0123456789012", "", "lo", "lo0",
	    "all", "default", "ipsec", "ipsec0", "ipsec12", "ipsec1a", "eth0:1", "eth*", "..",
	    "a/b" } },
	{ "prefixes",
	  "prefix",
	  device_parse_selector,
	  { "10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "10.0.0.0", "10.0.0.0/08",
	    "10.0.0.0/", "any", "/8", "10.0.0.0/8 " } },
	{ "IKE suites",
	  "ike_suite",
	  device_parse_ike_suite,
	  { "aes256-sha384-ecp384", "3des-md5-modp768", "aes192-sha1-modp2048s256",
	    "aes128-sha256-prfsha384-modp2048", "aes256gcm16-prfsha384-ecp256",
	    "aes256gcm16-ecp384", "aes256gcm16-sha384-ecp384", "aes256-ecp384", "aes256-sha384",
	    "des-sha1-modp1024", "aes256-sha384-prfsha384", "aes256-sha512-ecp384", "",
	    "aes256-sha384-ecp384-" } },
	{ "ESP suites",
	  "esp_suite",
	  device_parse_esp_suite,
	  { "aes256gcm16", "aes192gcm16-modp1024", "aes128-sha1", "3des-md5-modp768",
	    "aes256-sha256-ecp384", "aes256", "aes256-sha384", "aes256gcm16-sha256", "null-sha1",
	    "des-sha1", "aes256-sha256-prfsha256", "" } },
};

static void schema_and_parser_agree(void **state)
{
	const struct row *row = *state;
	unsigned int n_taken = 0, n_refused = 0;

	for (size_t i = 0; i < countof(row->texts) && row->texts[i]; i++) {
		bool is_taken = parser_takes(row->parse, row->texts[i]);

		if (is_taken != pattern_takes(row->definition, row->texts[i]))
			fail_msg("\"%s\" is taken by the %s only", row->texts[i],
				 is_taken ? "parser" : "schema");
		n_taken += is_taken;
		n_refused += !is_taken;
	}
	assert_true(n_taken > 0 && n_refused > 0);
}

static const struct CMUnitTest table_tests[] = {
	cmocka_unit_test(schema_and_table_have_the_same_keys_and_bounds),
};

int main(void)
{
	int failed;

	if (load_schema(NULL) < 0)
		return 2;
	failed = cmocka_run_group_tests(table_tests, NULL, NULL) +
		 RUN_ROWS(rows, schema_and_parser_agree);
	free_schema(NULL);
	return failed;
}
