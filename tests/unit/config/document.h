/* A valid configuration to spoil: each row of a test replaces one piece of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Lines matter: tests name them. */
#define DOCUMENT                                                                                   \
	"{ \"format\": \"fairlead-config/1\",\n"                                                   \
	"  \"site\": \"branch7\",\n"                                                               \
	"  \"wan\": { \"interface\": \"wan0\", \"services\": [\"dhcp\", \"dns\"] },\n"             \
	"  \"lan\": { \"interface\": \"lan0\",\n"                                                  \
	"    \"prefixes\": [\"192.168.70.0/24\", \"192.168.72.0/24\"] },\n"                        \
	"  \"azure\": { \"prefixes\": [\"10.50.0.0/16\", \"10.60.0.0/16\"] },\n"                   \
	"  \"local_breakout\": true,\n"                                                            \
	"  \"tunnels\": [\n"                                                                       \
	"    { \"name\": \"cn-a\", \"if_id\": 1,\n"                                                \
	"      \"gateway\": \"198.51.100.10\", \"gateway_id\": \"198.51.100.20\",\n"               \
	"      \"local_id\": \"203.0.113.7\", \"role\": \"initiator\",\n"                          \
	"      \"force_udp_encapsulation\": true, \"mss\": 1300,\n"                                \
	"      \"ike\": { \"suites\": [\"aes256-sha384-ecp384\", \"aes256-sha256-ecp256\"],\n"     \
	"        \"rekey_s\": 20000, \"dpd_timeout_s\": 30 },\n"                                   \
	"      \"esp\": { \"suites\": [\"aes256gcm16-ecp384\", \"aes256-sha256\"],\n"              \
	"        \"life_s\": 3600, \"life_kilobytes\": 4096 },\n"                                  \
	"      \"children\": [\n"                                                                  \
	"        { \"name\": \"c1\", \"reqid\": 1, \"local\": \"192.168.70.0/24\",\n"              \
	"          \"remote\": \"10.50.0.0/16\" },\n"                                              \
	"        { \"name\": \"c2\", \"reqid\": 2, \"local\": \"192.168.72.0/24\",\n"              \
	"          \"remote\": \"10.60.1.0/24\" } ] },\n"                                          \
	"    { \"name\": \"cn-b\", \"if_id\": 2,\n"                                                \
	"      \"gateway\": \"198.51.100.11\", \"local_id\": \"203.0.113.8\",\n"                   \
	"      \"ike\": { \"suites\": [\"aes256gcm16-prfsha384-ecp384\"] },\n"                     \
	"      \"esp\": { \"suites\": [\"aes128gcm16\"] },\n"                                      \
	"      \"children\": [ { \"name\": \"any\", \"reqid\": 3,\n"                               \
	"          \"local\": \"0.0.0.0/0\", \"remote\": \"0.0.0.0/0\" } ] } ] }\n"

/* The document with the first `from` behind the first `after` (or its start) turned into `to`, in a
 * block of exactly its length, so that a read past its end is seen. The caller frees it. */
static inline char *spoil_document(const char *after, const char *from, const char *to,
				   size_t *ret_len)
{
	static const char document[] = DOCUMENT;
	const char *start = after ? strstr(document, after) : document;
	const char *found = start ? strstr(start, from) : NULL;
	size_t head;
	char *text;

	if (!found)
		fail_msg("the document holds no %s", from);
	head = (size_t)(found - document);
	*ret_len = sizeof(document) - 1 - strlen(from) + strlen(to);
	text = malloc(*ret_len);
	assert_non_null(text);
	memcpy(text, document, head);
	memcpy(text + head, to, strlen(to));
	memcpy(text + head + strlen(to), found + strlen(from), *ret_len - head - strlen(to));
	return text;
}

/* One piece spoilt, and the error that it must bring. */
struct spoilt {
	const char *name;
	const char *after, *from, *to;
	int line;
	const char *pointer, *met, *wanted; /* a part of what is wanted */
};
