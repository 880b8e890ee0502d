/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/import.h"

#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#include "config/secrets.h"

static const struct import_options usual = { .wan = "wan0", .lan = "lan0" };

static char *double_quoted(const char *document)
{
	char *text = strdup(document);

	assert_non_null(text);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	return text;
}

static void a_good_document_becomes_texts_that_a_box_takes(void **state)
{
	_cleanup_free_ char *document = double_quoted(fixture_good);
	const struct import_text text = { "t.json", document, strlen(document) };
	_cleanup_(findings_deinit) struct findings findings = { 0 };
	_cleanup_(import_result_deinit) struct import_result result = { 0 };
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	_cleanup_(cleanup_secrets) struct secrets *secrets = NULL;
	struct config_error error;

	(void)state;
	assert_int_equal(import_texts(&text, 1, &usual, &findings, &result), 0);
	assert_int_equal(findings.n, 0);
	assert_int_equal(config_parse(result.config, strlen(result.config), &config, &error), 0);
	assert_int_equal(secrets_parse(result.secrets, strlen(result.secrets), &secrets, &error),
			 0);
	assert_non_null(secrets_find(secrets, config->tunnels[0].name));
	assert_string_equal(
		result.summary,
		"site lng-a: tunnel cn-a to 198.51.100.10, 1 Azure and 1 office prefix, "
		"best suites aes256-sha384-ecp384 and aes256gcm16-ecp384");
	assert_null(strstr(result.config, "invented-key"));
	assert_null(strstr(result.summary, "invented-key"));
}

static const struct row {
	const char *name, *from, *to;
	const char *wan;
	const char *errors;
} rows[] = {
	{ "a cut file is one finding, of which nothing is used", "'virtualNetworkPeerings': []}}]",
	  "'x", "wan0",
	  "/4/properties: this is no JSON that Azure prints: wanted a closing "
	  "quote to this string\n" },
	{ "a cut key is not shown", "'sharedKey': 'invented-key', 'dpdTimeoutSeconds': 30,",
	  "'sharedKey': 'invented-key 'x',", "wan0",
	  "/0/properties: this is no JSON that Azure prints: wanted a comma or }\n" },
	{ "a repeated member is refused", "{'name': 'cn-a'", "{'name': 'cn-b', 'name': 'cn-a'",
	  "wan0",
	  "/0/name: this is no JSON that Azure prints: wanted each key once: it stands in line "
	  "1, column 3 too\n" },
	{ "a name that a box does not take", "'name': 'cn-a'", "'name': 'cn a'", "wan0",
	  "/0/name: the connection's name is no name: 1 to 80 letters, digits, '.', '_' or '-', "
	  "beginning with a letter or digit\n" },
	{ "an interface that a box does not take", "'name': 'cn-a'", "'name': 'cn-a'", "lan0",
	  "/0: a box would refuse the configuration made of this: /lan/interface must be another "
	  "interface than the WAN's; this one stands at /wan/interface, line 4, too\n" },
	{ "a gateway inside Azure's own prefixes", "'10.50.0.0/16'", "'198.51.100.0/24'", "wan0",
	  "/3/properties/ipAddress: the gateway's public address 198.51.100.10 lies in Azure's "
	  "198.51.100.0/24, so that the tunnel would lead through itself; mend the prefix\n" },
	{ "a file of null is one finding", fixture_good, "null", "wan0",
	  "/: a resource of Azure is an object; here stands something else\n" },
};

static void imports_row(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *changed = fixture_replace(fixture_good, row->from, row->to);
	_cleanup_free_ char *document = double_quoted(changed);
	const struct import_text text = { "t.json", document, strlen(document) };
	struct import_options options = usual;
	_cleanup_(findings_deinit) struct findings findings = { 0 };
	_cleanup_(import_result_deinit) struct import_result result = { 0 };
	_cleanup_free_ char *errors = NULL;

	options.wan = row->wan;
	assert_int_equal(import_texts(&text, 1, &options, &findings, &result), 0);
	errors = fixture_findings(&findings, true);
	assert_string_equal(errors, row->errors);
	assert_null(result.config);
	assert_null(result.secrets);
	assert_null(strstr(errors, "invented"));
}

static void resources_are_joined_over_files(void **state)
{
	_cleanup_free_ char *first =
		double_quoted("{'type': 'Microsoft.Network/connections', 'id': '" ID(
			"connections/cn-a") "',"
					    "'connectionType': 'IPsec', 'sharedKey': 'k',"
					    "'virtualNetworkGateway1': {'id': '/v'}, "
					    "'localNetworkGateway2': {'id': '/l'}}");
	_cleanup_free_ char *second = double_quoted(
		"{'type': 'Microsoft.Network/virtualNetworkGateways', 'id': '/V', 'vpnType': 1}");
	const struct import_text texts[] = { { "a.json", first, strlen(first) },
					     { "b.json", second, strlen(second) } };
	_cleanup_(findings_deinit) struct findings findings = { 0 };
	_cleanup_(import_result_deinit) struct import_result result = { 0 };
	_cleanup_free_ char *errors = NULL;

	(void)state;
	assert_int_equal(import_texts(texts, countof(texts), &usual, &findings, &result), 0);
	errors = fixture_findings(&findings, true);
	assert_string_equal(
		errors,
		"/localNetworkGateway2/id: the local network gateway l is in none of the files; "
		"print it with: az network local-gateway show --ids /l\n"
		"/: the virtual network gateway V has no gatewayType here; print it whole with: az "
		"network vnet-gateway show --ids /V\n"
		"/: the virtual network gateway V has no ipConfigurations here; print it whole "
		"with: az network vnet-gateway show --ids /V\n"
		"/vpnType: vpnType must be a string\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_document_becomes_texts_that_a_box_takes),
		cmocka_unit_test(resources_are_joined_over_files),
	};

	return RUN_ROWS(rows, imports_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
