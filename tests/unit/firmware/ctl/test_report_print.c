/* A report as text and as JSON.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ctl/report_print.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/cleanup.h"

#define NOW UINT64_C(1795521600) /* 2026-11-24 12:00:00 UTC */

static struct status_tunnel tunnel_up(void)
{
	struct status_tunnel tunnel = {
		.name = "cn-branch7",
		.state = TUNNEL_STATE_UP,
		.is_nat = 1,
		.n_children = 1,
		.establish_us = 12345,
		.since_s = NOW - (3 * 3600 + 12 * 60 + 5),
		.bytes_in = 12345678,
		.packets_in = 12001,
		.packets_out = 1,
		.bytes_out = 84,
		.ike_suite = "aes256gcm16-prfsha384-ecp384",
		.esp_suite = "aes256gcm16-ecp384",
	};

	assert_int_equal(addr_parse("198.51.100.10", &tunnel.gateway), 0);
	return tunnel;
}

static struct status_tunnel tunnel_down(void)
{
	struct status_tunnel tunnel = {
		.name = "cn-branch7-b",
		.state = TUNNEL_STATE_DOWN,
		.since_s = NOW - 90,
		.n_attempts = 5,
		.retry_in_s = 12,
		.reason =
			"the gateway answered NO_PROPOSAL_CHOSEN: none of the six suites that were "
			"offered is in its policy",
		.remedy = "compare ipsecPolicies of the connection",
	};

	assert_int_equal(addr_parse("198.51.100.11", &tunnel.gateway), 0);
	return tunnel;
}

static struct report report_of(struct status_tunnel *tunnels, size_t n)
{
	struct report report = { .now_s = NOW, .n_tunnels = n, .tunnels = tunnels };

	report.kernel = (struct status_kernel){
		.up_since_s = NOW - 2 * 86400 - 3600,
		.n_tunnels = 2,
		.n_sas = 2,
		.n_requests = 1045,
		.n_refusals = 1,
		.is_iked_connected = 1,
		.last_refusal = "the selector 0.0.0.0/0 is not that of child 7",
	};
	for (size_t i = 0; i < n; i++)
		report.n_up += tunnels[i].state == TUNNEL_STATE_UP;
	return report;
}

static char *print_text(const struct report *report, bool is_coloured)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	report_print_text(report, is_coloured, out);
	fclose(out);
	return text;
}

static json_t *print_json(const struct report *report)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	json_t *json;

	report_print_json(report, out);
	fclose(out);
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	return json;
}

static void text_for_people(void **state)
{
	struct status_tunnel tunnels[] = { tunnel_up(), tunnel_down() };
	struct report report = report_of(tunnels, 2);
	_cleanup_free_ char *text = print_text(&report, false);

	(void)state;
	assert_string_equal(
		text,
		"cn-branch7  up\n"
		"    gateway    198.51.100.10\n"
		"    IKE        aes256gcm16-prfsha384-ecp384\n"
		"    ESP        aes256gcm16-ecp384, in UDP (NAT)\n"
		"    since      2026-11-24 08:47:55 UTC, for 3 h 12 min\n"
		"    children   1\n"
		"    received   12,345,678 bytes in 12,001 packets\n"
		"    sent       84 bytes in 1 packet\n"
		"    set up in  12.3 ms\n"
		"\n"
		"cn-branch7-b  down\n"
		"    gateway    198.51.100.11\n"
		"    since      2026-11-24 11:58:30 UTC, for 1 min 30 s\n"
		"    retry      in 12 s, after 5 attempts\n"
		"    reason     the gateway answered NO_PROPOSAL_CHOSEN: none of the six suites\n"
		"               that were offered is in its policy\n"
		"    to do      compare ipsecPolicies of the connection\n"
		"\n"
		"iked  running\n"
		"xfrmd  running\n"
		"    since      2026-11-22 11:00:00 UTC, for 2 d 1 h\n"
		"    SAs        2\n"
		"    refused    1 of 1,045 requests\n"
		"    the last   the selector 0.0.0.0/0 is not that of child 7\n"
		"\n"
		"1 of 2 tunnels up\n");
}

static void lines_fit_80_columns(void **state)
{
	struct status_tunnel tunnel = tunnel_down();
	struct report report = report_of(&tunnel, 1);
	_cleanup_free_ char *text = NULL;

	(void)state;
	report.iked_error = -ENOENT;
	report.xfrmd_error = -ECONNREFUSED;
	memset(tunnel.name, 'n', sizeof(tunnel.name) - 1);
	for (size_t i = 0; i < sizeof(tunnel.reason) - 1; i++)
		tunnel.reason[i] = i % 9 ? 'r' : ' ';
	tunnel.state = TUNNEL_STATE_WAITING;
	text = print_text(&report, false);
	for (char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (*line == ' ' && strcspn(line, "\n") > 80)
			fail_msg("%.100s", line);
	assert_non_null(strstr(text, "\niked  not running\n    meanwhile  SAs in the kernel"));
}

static void a_terminal_is_not_steered(void **state)
{
	struct status_tunnel tunnel = tunnel_down();
	struct report report = report_of(&tunnel, 1);
	_cleanup_free_ char *plain = NULL, *coloured = NULL;

	(void)state;
	memcpy(tunnel.name, "a\033[2Jb", 7);
	memcpy(tunnel.reason,
	       "c\x9b"
	       "2Jd\ne\x7f",
	       9);
	plain = print_text(&report, false);
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(plain, "a?[2Jb  down\n"));
	assert_non_null(strstr(plain, "c?2Jd?e?\n"));
	coloured = print_text(&report, true);
	assert_non_null(strstr(coloured, "a?[2Jb  \033[31mdown\033[0m\n"));
}

/* Who may not ask is not told that a daemon is gone. */
static void what_is_unknown_is_not_guessed(void **state)
{
	struct report report = { .iked_error = -EACCES, .xfrmd_error = -ETIMEDOUT };
	_cleanup_free_ char *text = print_text(&report, false);

	(void)state;
	assert_string_equal(text,
			    "iked  unknown\n"
			    "    reason     only root and members of the group fairlead may ask\n"
			    "xfrmd  unknown\n"
			    "    reason     it does not answer\n");
}

static void json_for_programs(void **state)
{
	static const char *const keys[] = {
		"name",	       "state",	       "gateway",  "ike_suite",	 "esp_suite", "since",
		"since_s",     "nat",	       "children", "bytes_in",	 "bytes_out", "packets_in",
		"packets_out", "establish_ms", "attempts", "retry_in_s", "reason",    "remedy",
	};
	struct status_tunnel tunnels[] = { tunnel_up(), tunnel_down() };
	struct report report = report_of(tunnels, 2);
	json_t *json = print_json(&report), *list = json_object_get(json, "tunnels");
	json_t *up = json_array_get(list, 0), *down = json_array_get(list, 1);
	json_t *xfrmd = json_object_get(json_object_get(json, "daemons"), "xfrmd");

	(void)state;
	assert_int_equal(json_array_size(list), 2);
	assert_int_equal(json_object_size(up), countof(keys));
	for (size_t i = 0; i < countof(keys); i++) {
		assert_non_null(json_object_get(up, keys[i]));
		assert_non_null(json_object_get(down, keys[i]));
	}
	assert_string_equal(json_string_value(json_object_get(up, "state")), "up");
	assert_string_equal(json_string_value(json_object_get(up, "since")),
			    "2026-11-24T08:47:55Z");
	assert_int_equal(json_integer_value(json_object_get(up, "since_s")), 11525);
	assert_int_equal(json_integer_value(json_object_get(up, "bytes_in")), 12345678);
	assert_true(json_is_true(json_object_get(up, "nat")));
	assert_true(json_real_value(json_object_get(up, "establish_ms")) == 12.345);
	assert_true(json_is_null(json_object_get(down, "establish_ms")));
	assert_string_equal(json_string_value(json_object_get(down, "gateway")), "198.51.100.11");
	assert_string_equal(json_string_value(json_object_get(down, "reason")), tunnels[1].reason);
	assert_true(json_is_true(json_object_get(xfrmd, "running")));
	assert_int_equal(json_integer_value(json_object_get(xfrmd, "refusals")), 1);
	assert_string_equal(json_string_value(json_object_get(xfrmd, "since")),
			    "2026-11-22T11:00:00Z");
	json_decref(json);
}

static void why_a_daemon_is_silent(void **state)
{
	static const struct {
		int error;
		const char *text;
	} rows[] = {
		{ 0, "" },
		{ -ENOENT, "it is not running" },
		{ -EACCES, "only root and members of the group fairlead may ask" },
		{ -EPROTO, "it is of another version than this program" },
		{ -EMFILE, "Too many open files" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct report report = { .iked_error = rows[i].error };
		json_t *json = print_json(&report);
		json_t *iked = json_object_get(json_object_get(json, "daemons"), "iked");

		assert_string_equal(json_string_value(json_object_get(iked, "reason")),
				    rows[i].text);
		assert_int_equal(json_is_true(json_object_get(iked, "running")), !rows[i].error);
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_for_people),
		cmocka_unit_test(lines_fit_80_columns),
		cmocka_unit_test(a_terminal_is_not_steered),
		cmocka_unit_test(what_is_unknown_is_not_guessed),
		cmocka_unit_test(json_for_programs),
		cmocka_unit_test(why_a_daemon_is_silent),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
