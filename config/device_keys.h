/* The keys of the device configuration: one table, from which it is parsed, printed and compared
 * with its schema. Used by config/device*.c and their tests only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "config/device.h"
#include "config/json_text.h"

/* Our deepest path and a foreign key of 255 bytes behind it, all of them escaped. */
#define DEVICE_POINTER_BYTES 640

struct device_reader {
	const struct json_text *json;
	struct config_error *error;
	char pointer[DEVICE_POINTER_BYTES]; /* to the value being read */
};

struct device_writer {
	FILE *file;
	int indent; /* levels */
};

struct key;

/* Reads `value` into the field of `object`. Returns 0, -EBADMSG with the error filled, -ENOMEM. */
typedef int key_parse_fn(struct device_reader *reader, const struct key *key, const json_t *value,
			 void *object);
typedef void key_print_fn(struct device_writer *writer, const struct key *key, const void *object);
/* Sets the field to what it is when the key is missing; NULL in a row if that is all zero. */
typedef void key_default_fn(const struct key *key, void *object);

/* One key of an object, or what all elements of an array are. */
struct key {
	const char *name;
	bool is_required;
	key_parse_fn *parse;
	key_print_fn *print;
	key_default_fn *set_default;
	size_t offset; /* of the field in its struct */

	/* numbers: least and greatest value, default, and whether 0 is a value besides */
	uint64_t min, max, initial;
	bool is_zero_allowed;

	/* arrays: least and greatest count above */
	const struct key *item;
	size_t item_bytes;
	size_t n_offset;  /* of the count, a size_t */
	bool is_owned;	  /* the field points to the elements, else it is them */
	bool is_distinct; /* no two may be equal, byte by byte */

	const struct key *members; /* objects; ends in a row without name */
	bool is_block;		   /* objects and arrays: printed on lines of their own */
};

/* The whole document. */
extern const struct key device_document;

/* Words for the values of an enum or the bits of a set; ends in a row without word. */
struct device_word {
	const char *word;
	unsigned int value;
};

extern const struct device_word device_roles[];
extern const struct device_word device_services[];

#define DEVICE_KIND(kind)                                                                          \
	key_parse_fn device_parse_##kind;                                                          \
	key_print_fn device_print_##kind
DEVICE_KIND(object);
DEVICE_KIND(array);
DEVICE_KIND(format);
DEVICE_KIND(name);
DEVICE_KIND(ifname);
DEVICE_KIND(services);
DEVICE_KIND(bool);
DEVICE_KIND(u16);
DEVICE_KIND(u32);
DEVICE_KIND(u64);
DEVICE_KIND(addr);
DEVICE_KIND(network);
DEVICE_KIND(selector);
DEVICE_KIND(role);
DEVICE_KIND(ike_suite);
DEVICE_KIND(esp_suite);
#undef DEVICE_KIND

key_default_fn device_default_services, device_default_gateway_id, device_default_u16,
	device_default_u32, device_default_u64;

/* Fills the error for the value at the reader's pointer; returns -EBADMSG. */
__attribute__((format(printf, 2, 3))) int device_wrong(struct device_reader *reader,
						       const char *wanted, ...);

/* Checks what no single value shows. The reader's pointer is used up. */
__attribute__((warn_unused_result)) int device_check(struct device_reader *reader,
						     const struct device_config *config);
