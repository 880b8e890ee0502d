/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/azure_resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#define CONNECTION "'type': 'Microsoft.Network/connections'"
#define NETWORK "'type': 'Microsoft.Network/virtualNetworks'"

static const struct row {
	const char *name, *document;
	const char *resources; /* "kind-rank-name@body " each */
	const char *findings;
} rows[] = {
	{ "one resource, known by its type",
	  "{" CONNECTION ", 'name': 'a', 'properties': {'x': 1}}", "0-2-a@/properties ", "" },
	{ "a type in any case", "{'type': 'microsoft.network/CONNECTIONS', 'name': 'a'}", "0-2-a@ ",
	  "" },
	{ "known by its id, named by it too", "{'id': '" ID("publicIPAddresses/p") "'}", "3-2-p@ ",
	  "" },
	{ "a request's body, known by its members", "{'properties': {'vpnType': 'RouteBased'}}",
	  "1-2-?@/properties ", "" },
	{ "flattened, known by its members", "{'localNetworkAddressSpace': {}}", "2-2-?@ ", "" },
	{ "a list", "{'value': [{" CONNECTION ", 'name': 'a'}, {" NETWORK ", 'name': 'b'}]}",
	  "0-2-a@/value/0 4-2-b@/value/1 ", "" },
	{ "an array", "[{" CONNECTION ", 'name': 'a'}, {" NETWORK ", 'name': 'b'}]",
	  "0-2-a@/0 4-2-b@/1 ", "" },
	{ "a template", "{'$schema': 's', 'resources': [{" CONNECTION ", 'name': 'a'}]}",
	  "0-2-a@/resources/0 ", "" },
	{ "a template by symbolic names", "{'resources': {'it': {" CONNECTION ", 'name': 'a'}}}",
	  "0-2-a@/resources/it ", "" },
	{ "a deployment's template",
	  "{'properties': {'template': {'resources': [{" CONNECTION ", 'name': 'a'}]}}}",
	  "0-2-a@/properties/template/resources/0 ", "" },
	{ "what create wraps", "{'vnetGateway': {'gatewayType': 'Vpn'}}", "1-2-?@/vnetGateway ",
	  "" },
	{ "a shared key", "{'value': 'x'}", "5-2-?@ ", "" },
	{ "an empty shared key", "{'value': ''}", "5-2-?@ ", "" },
	{ "a connection that a list printed",
	  "[{" CONNECTION ", 'name': 'a', 'etag': 'e', 'properties': {'enableBgp': false}}]",
	  "0-1-a@/0/properties ", "" },
	{ "a connection in an array, but whole",
	  "[{" CONNECTION ", 'name': 'a', 'etag': 'e', 'dpdTimeoutSeconds': 0}]", "0-2-a@/0 ", "" },
	{ "a connection in an array, with its key",
	  "[{" CONNECTION ", 'name': 'a', 'etag': 'e', 'sharedKey': 'k'}]", "0-2-a@/0 ", "" },
	{ "gateways inside a connection, nested",
	  "{" CONNECTION ", 'name': 'a', 'properties': {"
	  "'virtualNetworkGateway1': {'id': '/v', 'properties': {'gatewayType': 'Vpn'}},"
	  "'localNetworkGateway2': {'id': '/l', 'properties': {'gatewayIpAddress': 'x'}}}}",
	  "0-2-a@/properties 1-0-v@/properties/virtualNetworkGateway1/properties "
	  "2-0-l@/properties/localNetworkGateway2/properties ",
	  "" },
	{ "gateways inside a connection, flattened",
	  "{" CONNECTION ", 'name': 'a', 'virtualNetworkGateway1': {'id': '/v', 'vpnType': 'x'}}",
	  "0-2-a@ 1-0-v@/virtualNetworkGateway1 ", "" },
	{ "links with empty properties are links",
	  "{" CONNECTION ", 'name': 'a', 'virtualNetworkGateway1': {'id': '/v', 'properties': {}}}",
	  "0-2-a@ ", "" },
	{ "another kind by its type is passed over, and named when nothing else is there",
	  "{'type': 'Microsoft.Network/vpnSites', 'name': 'a'}", "",
	  "/: note: the file adds nothing: Microsoft.Network/vpnSites is no resource of a kind "
	  "that is read here\n" },
	{ "another kind by its id is passed over",
	  "[{'id': '" ID("virtualNetworks/v/subnets/s") "'}, {" NETWORK ", 'name': 'b'}]",
	  "4-2-b@/1 ", "" },
	{ "an empty list adds nothing", "{'value': []}", "",
	  "/: note: the file adds nothing: it holds no resource of a kind that is read here\n" },
	{ "a text", "'# a device script'", "",
	  "/: a resource of Azure is an object; here stands something else\n" },
	{ "a parameters file", "{'$schema': 's', 'parameters': {}}", "",
	  "/: this is a template's parameters file; resources as Azure prints them are needed\n" },
	{ "a site download of Virtual WAN", "[{'vpnSiteConfiguration': {'Name': 'x'}, 'x': 1}]", "",
	  "/0: this is a Virtual WAN site download; only connections of a virtual network gateway "
	  "are read\n" },
	{ "a policy without its connection", "[{'ipsecEncryption': 'AES256', 'dhGroup': 'None'}]",
	  "", "/0: this is an IPsec policy without its connection, which is needed\n" },
	{ "something else", "{'a': 1, 'b': 2}", "",
	  "/: this is no resource of Azure that is read here: it has neither a type nor an id nor "
	  "members that tell its kind\n" },
};

static void adds_row(void **state)
{
	const struct row *row = *state;
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ char *findings = NULL;
	char text[400] = "";

	fixture_init(&fixture, row->document);
	assert_int_equal(azure_inventory_add(&fixture.inventory, &fixture.file, &fixture.findings),
			 0);
	for (size_t i = 0; i < fixture.inventory.n; i++) {
		const struct azure_resource *resource = &fixture.inventory.rows[i];

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d-%d-%s@%s ",
			 resource->kind, resource->rank, resource->name ? resource->name : "?",
			 resource->body.pointer);
	}
	assert_string_equal(text, row->resources);
	findings = fixture_findings(&fixture.findings, false);
	assert_string_equal(findings, row->findings);
}

static const struct find_row {
	const char *name, *document;
	const char *id, *pointer; /* NULL: none */
	const char *findings;
} find_rows[] = {
	{ "ids are compared without regard to case", "[{" NETWORK ", 'id': '/A/b'}]", "/a/B", "/0",
	  "" },
	{ "another id is another one", "[{" NETWORK ", 'id': '/a'}]", "/a/b", NULL, "" },
	{ "another kind is another one", "[{" CONNECTION ", 'id': '/a'}]", "/a", NULL, "" },
	{ "two that are alike are one", "[{" NETWORK ", 'id': '/a'}, {" NETWORK ", 'id': '/a'}]",
	  "/a", "/0", "" },
	{ "two that differ are an error",
	  "[{" NETWORK ", 'id': '/a'}, {" NETWORK ", 'id': '/a', 'x': 1}]", "/a", "/0",
	  "/1: the virtual network a is described twice, and not alike; leave out one\n" },
};

static void finds_row(void **state)
{
	const struct find_row *row = *state;
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ char *findings = NULL;
	const struct azure_resource *found;

	fixture_init(&fixture, row->document);
	assert_int_equal(azure_inventory_add(&fixture.inventory, &fixture.file, &fixture.findings),
			 0);
	found = azure_inventory_find(&fixture.inventory, AZURE_KIND_NETWORK, row->id,
				     &fixture.findings);
	if (row->pointer)
		assert_string_equal(found->node.pointer, row->pointer);
	else
		assert_null(found);
	findings = fixture_findings(&fixture.findings, false);
	assert_string_equal(findings, row->findings);
}

static void a_whole_gateway_is_better_than_an_inline_one(void **state)
{
	_cleanup_(fixture_deinit) struct fixture fixture;
	const struct azure_resource *found;

	(void)state;
	fixture_init(&fixture,
		     "[{" CONNECTION ", 'virtualNetworkGateway1': {'id': '/v', 'vpnType': 'x'}},"
		     " {'type': 'Microsoft.Network/virtualNetworkGateways', 'id': '/V'}]");
	assert_int_equal(azure_inventory_add(&fixture.inventory, &fixture.file, &fixture.findings),
			 0);
	found = azure_inventory_find(&fixture.inventory, AZURE_KIND_GATEWAY, "/v",
				     &fixture.findings);
	assert_string_equal(found->node.pointer, "/1");
}

static void the_bound_holds(void **state)
{
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ char *document = NULL;
	size_t len;
	FILE *out = open_memstream(&document, &len);

	(void)state;
	fputs("[{'value': 'x'}", out);
	for (int i = 0; i < MAX_AZURE_RESOURCES; i++)
		fputs(",{'value': 'x'}", out);
	fputs("]", out);
	fclose(out);
	fixture_init(&fixture, document);
	assert_int_equal(azure_inventory_add(&fixture.inventory, &fixture.file, &fixture.findings),
			 0);
	assert_int_equal(fixture.inventory.n, MAX_AZURE_RESOURCES);
	assert_int_equal(fixture.findings.n_errors, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_gateway_is_better_than_an_inline_one),
		cmocka_unit_test(the_bound_holds),
	};

	return RUN_ROWS(rows, adds_row) + RUN_ROWS(find_rows, finds_row) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
