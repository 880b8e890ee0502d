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

static void set_rung(struct status_tunnel *tunnel, enum rung rung, enum rung_state rung_state,
		     const char *text)
{
	tunnel->rungs[rung].state = (uint8_t)rung_state;
	snprintf(tunnel->rungs[rung].text, sizeof(tunnel->rungs[rung].text), "%s", text);
}

static void set_lower_rungs(struct status_tunnel *tunnel)
{
	set_rung(tunnel, RUNG_LINK, RUNG_STATE_HOLDS, "wan0");
	set_rung(tunnel, RUNG_ADDRESS, RUNG_STATE_HOLDS, "203.0.113.7");
	set_rung(tunnel, RUNG_DNS, RUNG_STATE_NOT_NEEDED, "not needed");
	set_rung(tunnel, RUNG_UDP, RUNG_STATE_HOLDS, "port 500, heard 3 s ago, no NAT");
}

static struct status_tunnel tunnel_up(void)
{
	struct status_tunnel tunnel = {
		.name = "cn-branch7",
		.state = TUNNEL_STATE_UP,
		.is_nat = 1,
		.stops_at = RUNG_N,
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
	set_lower_rungs(&tunnel);
	set_rung(&tunnel, RUNG_IKE, RUNG_STATE_HOLDS, tunnel.ike_suite);
	set_rung(&tunnel, RUNG_CHILD, RUNG_STATE_HOLDS, "1 of 1 up, aes256gcm16-ecp384");
	set_rung(&tunnel, RUNG_HOST, RUNG_STATE_UNKNOWN, "no packet in, 1 out");
	return tunnel;
}

static struct status_tunnel tunnel_down(void)
{
	struct status_tunnel tunnel = {
		.name = "cn-branch7-b",
		.state = TUNNEL_STATE_DOWN,
		.stops_at = RUNG_CHILD,
		.since_s = NOW - 90,
		.n_attempts = 5,
		.retry_in_s = 12,
		.reason = "198.51.100.11 wants another ESP suite (NO_PROPOSAL_CHOSEN)",
		.offered = "aes256gcm16-ecp384",
		.azure_code = "13868 (policy match error)",
		.azure_setting = "ipsecPolicies.ipsecEncryption, ipsecIntegrity",
		.remedy = "import anew, or: az network vpn-connection ipsec-policy add "
			  "--connection-name cn-branch7-b -g RG --ipsec-encryption GCMAES256 "
			  "--ipsec-integrity GCMAES256 --pfs-group ECP384 ...",
	};

	assert_int_equal(addr_parse("198.51.100.11", &tunnel.gateway), 0);
	set_lower_rungs(&tunnel);
	set_rung(&tunnel, RUNG_IKE, RUNG_STATE_HOLDS, "aes256-sha384-ecp384");
	set_rung(&tunnel, RUNG_CHILD, RUNG_STATE_STOPS, "0 of 1 up (any is not)");
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
		"cn-branch7  up  198.51.100.10 for 3 h 12 min\n"
		"  link     ok    wan0\n"
		"  address  ok    203.0.113.7\n"
		"  DNS      -     not needed\n"
		"  UDP      ok    port 500, heard 3 s ago, no NAT\n"
		"  IKE      ok    aes256gcm16-prfsha384-ecp384\n"
		"  child    ok    1 of 1 up, aes256gcm16-ecp384\n"
		"  host     ?     no packet in, 1 out\n"
		"cn-branch7-b  down  198.51.100.11 for 1 min 30 s, try 6 in 12 s\n"
		"  UDP      ok    port 500, heard 3 s ago, no NAT\n"
		"  IKE      ok    aes256-sha384-ecp384\n"
		"  child    STOP  0 of 1 up (any is not); offered aes256gcm16-ecp384\n"
		"  reason   198.51.100.11 wants another ESP suite (NO_PROPOSAL_CHOSEN)\n"
		"  Azure    13868 (policy match error): ipsecPolicies.ipsecEncryption,\n"
		"           ipsecIntegrity\n"
		"  to do    import anew, or: az network vpn-connection ipsec-policy add\n"
		"           --connection-name cn-branch7-b -g RG --ipsec-encryption GCMAES256\n"
		"           --ipsec-integrity GCMAES256 --pfs-group ECP384 ...\n"
		"xfrmd  running\n"
		"  refused  1 of 1,045 requests\n"
		"  the last the selector 0.0.0.0/0 is not that of child 7\n"
		"1 of 2 tunnels up\n");
}

/* Both stop as high as a tunnel can. */
static void two_tunnels_fit_one_screen(void **state)
{
	struct status_tunnel tunnels[] = { tunnel_down(), tunnel_down() };
	struct report report = report_of(tunnels, 2);
	_cleanup_free_ char *text = NULL;
	size_t n_lines = 0;

	(void)state;
	report.kernel.n_refusals = 0;
	report.kernel.last_refusal[0] = '\0';
	text = print_text(&report, false);
	for (const char *p = text; *p; p++)
		n_lines += *p == '\n';
	assert_true(n_lines <= 24);
}

/* A rung of the box that a tunnel has otherwise than the first one is said again. */
static void what_differs_is_said(void **state)
{
	struct status_tunnel tunnels[] = { tunnel_up(), tunnel_down() };
	struct report report = report_of(tunnels, 2);
	_cleanup_free_ char *text = NULL;
	const char *second;

	(void)state;
	set_rung(&tunnels[1], RUNG_ADDRESS, RUNG_STATE_STOPS, "203.0.113.7, no route");
	text = print_text(&report, false);
	second = strstr(text, "cn-branch7-b");
	assert_non_null(strstr(second, "  address  STOP  203.0.113.7, no route\n"));
	assert_null(strstr(second, "  link "));
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
	assert_non_null(strstr(text, "\niked  not running\n  so       SAs in the kernel"));
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
	assert_non_null(strstr(plain, "a?[2Jb  down  198.51.100.11"));
	assert_non_null(strstr(plain, "c?2Jd?e?\n"));
	coloured = print_text(&report, true);
	assert_non_null(strstr(coloured, "a?[2Jb  \033[31mdown\033[0m  198"));
}

/* Who may not ask is not told that a daemon is gone. */
static void what_is_unknown_is_not_guessed(void **state)
{
	struct report report = { .iked_error = -EACCES, .xfrmd_error = -ETIMEDOUT };
	_cleanup_free_ char *text = print_text(&report, false);

	(void)state;
	assert_string_equal(text, "iked  unknown\n"
				  "  reason   only root and members of the group fairlead may ask\n"
				  "xfrmd  unknown\n"
				  "  reason   it does not answer\n");
}

static void json_for_programs(void **state)
{
	static const char *const keys[] = {
		"name",	      "state",	       "gateway",     "ike_suite",    "esp_suite",
		"since",      "since_s",       "nat",	      "children",     "bytes_in",
		"bytes_out",  "packets_in",    "packets_out", "establish_ms", "attempts",
		"retry_in_s", "reason",	       "remedy",      "stops_at",     "offered",
		"azure_code", "azure_setting", "rungs",
	};
	struct status_tunnel tunnels[] = { tunnel_up(), tunnel_down() };
	struct report report = report_of(tunnels, 2);
	json_t *json = print_json(&report), *list = json_object_get(json, "tunnels");
	json_t *up = json_array_get(list, 0), *down = json_array_get(list, 1);
	json_t *xfrmd = json_object_get(json_object_get(json, "daemons"), "xfrmd"), *rung;

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
	assert_true(json_is_null(json_object_get(up, "stops_at")));
	assert_string_equal(json_string_value(json_object_get(down, "stops_at")), "child");
	assert_string_equal(json_string_value(json_object_get(down, "azure_code")),
			    "13868 (policy match error)");
	assert_int_equal(json_array_size(json_object_get(down, "rungs")), RUNG_N);
	rung = json_array_get(json_object_get(down, "rungs"), RUNG_CHILD);
	assert_string_equal(json_string_value(json_object_get(rung, "name")), "child");
	assert_string_equal(json_string_value(json_object_get(rung, "state")), "stops");
	assert_string_equal(json_string_value(json_object_get(rung, "text")),
			    "0 of 1 up (any is not)");
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
		cmocka_unit_test(two_tunnels_fit_one_screen),
		cmocka_unit_test(what_differs_is_said),
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
