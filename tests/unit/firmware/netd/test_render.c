/* Configuration in, filter and settings out: compared with the files in tests/golden/netd.
 *
 * With FAIRLEAD_WRITE_GOLDEN set the files are written anew, to be read before they are committed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "netd/render_filter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "netd/render_sysctl.h"

static const struct {
	const char *sentence, *name;
} rows[] = {
	{ "one tunnel, any to any, all services", "route" },
	{ "two tunnels with selectors and MSS of their own", "policy" },
	{ "local break-out, no services, an address as Azure prefix", "breakout" },
	{ "IPv6 inside", "ipv6" },
};

static char *read_golden(const char *name, const char *suffix)
{
	char path[128], *text = NULL;
	size_t len;

	snprintf(path, sizeof(path), "tests/golden/netd/%s.%s", name, suffix);
	if (config_read_file(path, MAX_CONFIG_BYTES, false, &text, &len) < 0)
		fail_msg("cannot read %s", path);
	return text;
}

static void compare(const char *name, const char *suffix, const char *text)
{
	_cleanup_free_ char *golden = NULL;

	if (getenv("FAIRLEAD_WRITE_GOLDEN")) {
		char path[128];
		FILE *out;

		snprintf(path, sizeof(path), "tests/golden/netd/%s.%s", name, suffix);
		out = fopen(path, "w");
		assert_non_null(out);
		fputs(text, out);
		assert_int_equal(fclose(out), 0);
	}
	golden = read_golden(name, suffix);
	assert_string_equal(text, golden);
}

static struct device_config *read_config(const char *name)
{
	_cleanup_free_ char *text = read_golden(name, "json");
	struct config_error error;
	struct device_config *config;

	if (config_parse(text, strlen(text), &config, &error) < 0)
		fail_msg("%s", error.wanted);
	return config;
}

static void filters_are_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		_cleanup_(cleanup_config) struct device_config *config = read_config(rows[i].name);
		_cleanup_free_ char *filter = render_filter(config);

		print_message("%s\n", rows[i].sentence);
		assert_non_null(filter);
		compare(rows[i].name, "nft", filter);
	}
}

static void settings_are_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		_cleanup_(cleanup_config) struct device_config *config = read_config(rows[i].name);
		struct sysctls sysctls;
		char text[MAX_SYSCTLS * (SYSCTL_PATH_BYTES + 32)] = "";
		size_t used = 0;

		render_sysctl(config, &sysctls);
		for (size_t k = 0; k < sysctls.n; k++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s = %s%s\n",
						 sysctls.rows[k].path, sysctls.rows[k].value,
						 sysctls.rows[k].is_optional ? " (if it exists)"
									     : "");
		print_message("%s\n", rows[i].sentence);
		compare(rows[i].name, "sysctl", text);
		assert_string_equal(sysctls.rows[sysctls.n - 1].path, SYSCTL_FORWARD);
	}
}

/* The parser is the border: what could end a name inside the filter never gets through. */
static void names_cannot_break_out(void **state)
{
	static const char *const names[] = {
		"wan\\\" accept", "wan\\n", "wan;", "wan }", "wan$LAN", "wan*", "../wan", "",
	};
	_cleanup_free_ char *text = read_golden("route", "json");

	(void)state;
	for (size_t i = 0; i < countof(names); i++) {
		_cleanup_free_ char *spoilt = NULL;
		char *place = strstr(text, "\"wan0\"");
		struct device_config *config;
		struct config_error error;
		int len = asprintf(&spoilt, "%.*s\"%s\"%s", (int)(place - text), text, names[i],
				   place + strlen("\"wan0\""));

		print_message("%s\n", names[i]);
		assert_int_equal(config_parse(spoilt, (size_t)len, &config, &error), -EBADMSG);
	}
}

static void most_tunnels_render(void **state)
{
	_cleanup_(cleanup_config) struct device_config *config = read_config("route");
	_cleanup_free_ struct tunnel *tunnels = calloc(MAX_TUNNELS, sizeof(*tunnels));
	struct device_config many = *config;
	_cleanup_free_ char *filter = NULL;

	(void)state;
	for (size_t i = 0; i < MAX_TUNNELS; i++) {
		tunnels[i] = config->tunnels[0];
		tunnels[i].if_id = (uint32_t)(0xffff - i);
	}
	many.tunnels = tunnels;
	many.n_tunnels = MAX_TUNNELS;
	filter = render_filter(&many);
	assert_non_null(filter);
	assert_non_null(strstr(filter, "\"ipsec65535\""));
	assert_non_null(strstr(filter, "\"ipsec64512\""));
	print_message("%zu bytes\n", strlen(filter));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_are_golden),
		cmocka_unit_test(settings_are_golden),
		cmocka_unit_test(names_cannot_break_out),
		cmocka_unit_test(most_tunnels_render),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
