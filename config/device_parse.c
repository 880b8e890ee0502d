/* Parses a device configuration, row by row of its table of keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/device_keys.h"
#include "config/nearest.h"

int device_wrong(struct device_reader *reader, const char *wanted, ...)
{
	char sentence[MAX_SENTENCE_BYTES];
	va_list args;

	va_start(args, wanted);
	vsnprintf(sentence, sizeof(sentence), wanted, args);
	va_end(args);
	json_text_error(reader->json, reader->pointer, reader->error, "%s", sentence);
	return -EBADMSG;
}

static void *field(const struct key *key, void *object)
{
	return (char *)object + key->offset;
}

/* Moves the pointer one token down; the returned mark leads back. */
static size_t push(struct device_reader *reader, const char *token)
{
	size_t mark = strlen(reader->pointer);

	json_pointer_append(reader->pointer, sizeof(reader->pointer), token);
	return mark;
}

static size_t push_index(struct device_reader *reader, size_t index)
{
	char token[24];

	snprintf(token, sizeof(token), "%zu", index);
	return push(reader, token);
}

static void pop(struct device_reader *reader, size_t mark)
{
	reader->pointer[mark] = '\0';
}

/* The text of a string value, or NULL and the error filled. */
static const char *get_text(struct device_reader *reader, const json_t *value, const char *wanted)
{
	if (!json_is_string(value)) {
		device_wrong(reader, "%s", wanted);
		return NULL;
	}
	return json_string_value(value);
}

static const struct key *find_key(const struct key *members, const char *name)
{
	for (; members->name; members++)
		if (strcmp(members->name, name) == 0)
			return members;
	return NULL;
}

static int unknown_key(struct device_reader *reader, const struct key *members, const char *name)
{
	struct nearest nearest = { 0 };
	char wanted[MAX_SENTENCE_BYTES];
	size_t used;

	push(reader, name);
	for (const struct key *key = members; key->name; key++)
		nearest_offer(&nearest, name, key->name);
	if (nearest.word) {
		snprintf(wanted, sizeof(wanted), "did you mean \"%s\"?", nearest.word);
	} else {
		used = (size_t)snprintf(wanted, sizeof(wanted), "one of");
		for (const struct key *key = members; key->name && used < sizeof(wanted); key++)
			used += (size_t)snprintf(wanted + used, sizeof(wanted) - used, "%s \"%s\"",
						 key == members ? "" : ",", key->name);
	}
	json_text_key_error(reader->json, reader->pointer, reader->error, "a known key: %s",
			    wanted);
	return -EBADMSG;
}

/* What the keys that are not there are: an error, or their defaults. */
static int fill_missing(struct device_reader *reader, const struct key *key, const json_t *value,
			void *object)
{
	for (const struct key *member = key->members; member->name; member++) {
		if (json_object_get(value, member->name))
			continue;
		if (member->is_required) {
			push(reader, member->name);
			return device_wrong(reader, "the key \"%s\" here", member->name);
		}
		if (member->set_default)
			member->set_default(member, object);
	}
	return 0;
}

int device_parse_object(struct device_reader *reader, const struct key *key, const json_t *value,
			void *object)
{
	const char *name;
	json_t *inner;
	size_t mark;
	int r;

	if (!json_is_object(value))
		return device_wrong(reader, "an object");
	json_object_foreach ((json_t *)value, name, inner) {
		const struct key *member = find_key(key->members, name);

		if (!member)
			return unknown_key(reader, key->members, name);
		mark = push(reader, name);
		r = member->parse(reader, member, inner, field(key, object));
		if (r < 0)
			return r;
		pop(reader, mark);
	}
	return fill_missing(reader, key, value, field(key, object));
}

/* The storage for `n` elements, zeroed; owned by `object` at once. */
static char *make_items(const struct key *key, void *object, size_t n)
{
	char *items = field(key, object);

	if (key->is_owned) {
		items = calloc(n, key->item_bytes);
		if (!items)
			return NULL;
		memcpy(field(key, object), &items, sizeof(items));
	}
	memcpy((char *)object + key->n_offset, &n, sizeof(n));
	return items;
}

static int check_distinct(struct device_reader *reader, const struct key *key, const char *items,
			  size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(items + i * key->item_bytes, items + n * key->item_bytes,
			   key->item_bytes) == 0)
			return device_wrong(reader, "each once: this one is number %zu too", i + 1);
	return 0;
}

int device_parse_array(struct device_reader *reader, const struct key *key, const json_t *value,
		       void *object)
{
	size_t n = json_array_size(value), mark;
	char *items;
	int r;

	if (!json_is_array(value) || n < key->min || n > key->max)
		return device_wrong(reader, "an array of %u to %u", (unsigned int)key->min,
				    (unsigned int)key->max);
	items = make_items(key, object, n);
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		mark = push_index(reader, i);
		r = key->item->parse(reader, key->item, json_array_get(value, i),
				     items + i * key->item_bytes);
		if (r == 0 && key->is_distinct)
			r = check_distinct(reader, key, items, i);
		if (r < 0)
			return r;
		pop(reader, mark);
	}
	return 0;
}

int device_parse_format(struct device_reader *reader, const struct key *key, const json_t *value,
			void *object)
{
	(void)key;
	(void)object;
	if (!json_is_string(value) || strcmp(json_string_value(value), CONFIG_FORMAT) != 0)
		return device_wrong(reader, "\"%s\"", CONFIG_FORMAT);
	return 0;
}

int device_parse_name(struct device_reader *reader, const struct key *key, const json_t *value,
		      void *object)
{
	static const char wanted[] = "a name: 1 to 80 letters, digits, '.', '_' or '-', beginning "
				     "with a letter or digit";
	const char *text = get_text(reader, value, wanted);

	if (!text)
		return -EBADMSG;
	if (!tunnel_name_is_valid(text))
		return device_wrong(reader, "%s", wanted);
	memcpy(field(key, object), text, strlen(text) + 1);
	return 0;
}

/* Interfaces that mean something else: the loopback, the sysctl trees for all, a tunnel's. */
static bool is_reserved_ifname(const char *text)
{
	static const char *const words[] = { "lo", "all", "default", NULL };
	static const char tunnel[] = "ipsec";
	size_t n = sizeof(tunnel) - 1;

	for (const char *const *word = words; *word; word++)
		if (strcmp(text, *word) == 0)
			return true;
	return strncmp(text, tunnel, n) == 0 && text[n] &&
	       text[n + strspn(text + n, "0123456789")] == '\0';
}

int device_parse_ifname(struct device_reader *reader, const struct key *key, const json_t *value,
			void *object)
{
	static const char wanted[] = "an interface: 1 to 15 letters, digits, '.', '_' or '-', "
				     "beginning with a letter or digit";
	const char *text = get_text(reader, value, wanted);

	if (!text)
		return -EBADMSG;
	if (!tunnel_name_is_valid(text) || strlen(text) >= MAX_IFNAME_BYTES)
		return device_wrong(reader, "%s", wanted);
	if (is_reserved_ifname(text))
		return device_wrong(reader, "an interface of the office or the WAN: this name is "
					    "reserved");
	memcpy(field(key, object), text, strlen(text) + 1);
	return 0;
}

static const struct device_word *find_word(const struct device_word *words, const char *text)
{
	for (; text && words->word; words++)
		if (strcmp(words->word, text) == 0)
			return words;
	return NULL;
}

int device_parse_services(struct device_reader *reader, const struct key *key, const json_t *value,
			  void *object)
{
	unsigned int set = 0;
	size_t mark;

	if (!json_is_array(value))
		return device_wrong(reader, "an array of services");
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *text = json_string_value(json_array_get(value, i));
		const struct device_word *row = find_word(device_services, text);

		mark = push_index(reader, i);
		if (!row)
			return device_wrong(reader, "\"dhcp\", \"dns\", \"ntp\" or \"https\"");
		if (set & row->value)
			return device_wrong(reader, "each service once");
		set |= row->value;
		pop(reader, mark);
	}
	*(unsigned int *)field(key, object) = set;
	return 0;
}

int device_parse_role(struct device_reader *reader, const struct key *key, const json_t *value,
		      void *object)
{
	const struct device_word *row = find_word(device_roles, json_string_value(value));

	if (!row)
		return device_wrong(reader, "\"both\", \"initiator\" or \"responder\"");
	*(enum tunnel_role *)field(key, object) = (enum tunnel_role)row->value;
	return 0;
}

int device_parse_bool(struct device_reader *reader, const struct key *key, const json_t *value,
		      void *object)
{
	if (!json_is_boolean(value))
		return device_wrong(reader, "true or false");
	*(bool *)field(key, object) = json_is_true(value);
	return 0;
}

static int get_number(struct device_reader *reader, const struct key *key, const json_t *value,
		      uint64_t *ret_number)
{
	json_int_t number = json_integer_value(value);
	bool is_zero = key->is_zero_allowed && number == 0;

	if (!json_is_integer(value) || number < 0 ||
	    (!is_zero && ((uint64_t)number < key->min || (uint64_t)number > key->max)))
		return device_wrong(reader, "a whole number from %llu to %llu%s",
				    (unsigned long long)key->min, (unsigned long long)key->max,
				    key->is_zero_allowed ? ", or 0 for no limit" : "");
	*ret_number = (uint64_t)number;
	return 0;
}

#define DEFINE_NUMBER(kind, type)                                                                  \
	int device_parse_##kind(struct device_reader *reader, const struct key *key,               \
				const json_t *value, void *object)                                 \
	{                                                                                          \
		uint64_t number = 0;                                                               \
		int r = get_number(reader, key, value, &number);                                   \
                                                                                                   \
		if (r == 0)                                                                        \
			*(type *)field(key, object) = (type)number;                                \
		return r;                                                                          \
	}                                                                                          \
                                                                                                   \
	void device_default_##kind(const struct key *key, void *object)                            \
	{                                                                                          \
		*(type *)field(key, object) = (type)key->initial;                                  \
	}

DEFINE_NUMBER(u16, uint16_t)
DEFINE_NUMBER(u32, uint32_t)
DEFINE_NUMBER(u64, uint64_t)

void device_default_services(const struct key *key, void *object)
{
	unsigned int *set = field(key, object);

	for (const struct device_word *row = device_services; row->word; row++)
		*set |= row->value;
}

/* Runs when all keys of the tunnel are read, so the gateway is known. */
void device_default_gateway_id(const struct key *key, void *object)
{
	const struct tunnel *tunnel = object;
	struct addr *gateway_id = field(key, object);

	*gateway_id = tunnel->gateway;
}

int device_parse_addr(struct device_reader *reader, const struct key *key, const json_t *value,
		      void *object)
{
	static const char wanted[] = "the IPv4 address of a host, such as 198.51.100.10";
	const char *text = get_text(reader, value, wanted);
	struct addr addr;

	if (!text)
		return -EBADMSG;
	if (addr_parse(text, &addr) < 0 || addr.family != ADDR_FAMILY_IPV4 || !addr_is_host(&addr))
		return device_wrong(reader, "%s", wanted);
	*(struct addr *)field(key, object) = addr;
	return 0;
}

int device_parse_selector(struct device_reader *reader, const struct key *key, const json_t *value,
			  void *object)
{
	static const char wanted[] = "a prefix, such as 192.168.70.0/24";
	const char *text = get_text(reader, value, wanted);
	char right[PREFIX_TEXT_BYTES];
	struct prefix prefix;
	int r;

	if (!text)
		return -EBADMSG;
	r = prefix_parse(text, &prefix);
	if (r == -EDOM)
		return device_wrong(reader, "no bits set behind the prefix: %s",
				    prefix_print(&prefix, right));
	if (r < 0)
		return device_wrong(reader, "%s", wanted);
	*(struct prefix *)field(key, object) = prefix;
	return 0;
}

int device_parse_network(struct device_reader *reader, const struct key *key, const json_t *value,
			 void *object)
{
	struct prefix *prefix = field(key, object);
	int r;

	r = device_parse_selector(reader, key, value, object);
	if (r < 0)
		return r;
	if (!addr_is_host(&prefix->addr))
		return device_wrong(reader, "a prefix of hosts, such as 192.168.70.0/24");
	return 0;
}

int device_parse_ike_suite(struct device_reader *reader, const struct key *key, const json_t *value,
			   void *object)
{
	const char *text = get_text(reader, value, "a suite, such as \"aes256-sha384-ecp384\"");
	char wanted[MAX_SENTENCE_BYTES];

	if (!text)
		return -EBADMSG;
	if (ike_suite_parse_explain(text, field(key, object), wanted) < 0)
		return device_wrong(reader, "%s", wanted);
	return 0;
}

int device_parse_esp_suite(struct device_reader *reader, const struct key *key, const json_t *value,
			   void *object)
{
	const char *text = get_text(reader, value, "a suite, such as \"aes256gcm16-ecp384\"");
	char wanted[MAX_SENTENCE_BYTES];

	if (!text)
		return -EBADMSG;
	if (esp_suite_parse_explain(text, field(key, object), wanted) < 0)
		return device_wrong(reader, "%s", wanted);
	return 0;
}
