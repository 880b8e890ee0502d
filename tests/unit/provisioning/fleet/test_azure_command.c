/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/azure_command.h"

#include "fixture.h"

#define STRONG                                                                                     \
	"--ike-encryption AES256 --ike-integrity SHA384 --dh-group ECP384 "                        \
	"--ipsec-encryption GCMAES256 --ipsec-integrity GCMAES256 --pfs-group ECP384 "             \
	"--sa-lifetime 27000 --sa-max-size 102400000"

static const struct show_row {
	const char *name;
	enum azure_kind kind;
	const char *id, *command;
} show_rows[] = {
	{ "a connection", AZURE_KIND_CONNECTION, "/a/cn",
	  "az network vpn-connection show --ids /a/cn" },
	{ "a gateway", AZURE_KIND_GATEWAY, "/a/g", "az network vnet-gateway show --ids /a/g" },
	{ "a local gateway", AZURE_KIND_LOCAL_GATEWAY, "/a/l",
	  "az network local-gateway show --ids /a/l" },
	{ "a public IP", AZURE_KIND_PUBLIC_IP, "/a/p", "az network public-ip show --ids /a/p" },
	{ "a network", AZURE_KIND_NETWORK, "/a/v", "az network vnet show --ids /a/v" },
	{ "a shared key, by its connection's id", AZURE_KIND_SHARED_KEY, "/a/cn",
	  "az network vpn-connection shared-key show --ids /a/cn" },
	{ "without an id, placeholders", AZURE_KIND_NETWORK, NULL,
	  "az network vnet show --resource-group GROUP --name NAME" },
	{ "what a shell would read is quoted", AZURE_KIND_NETWORK, "/a/$(reboot) 'x'",
	  "az network vnet show --ids '/a/$(reboot) '\\''x'\\'''" },
	{ "nothing is quoted too", AZURE_KIND_NETWORK, "", "az network vnet show --ids ''" },
};

static void prints_show_command(void **state)
{
	const struct show_row *row = *state;
	_cleanup_free_ char *command = azure_show_command(row->kind, row->id);

	assert_string_equal(command, row->command);
}

static void prints_peering_command(void **state)
{
	_cleanup_free_ char *command = azure_peering_command("/a/to spoke");
	_cleanup_free_ char *without_id = azure_peering_command(NULL);

	(void)state;
	assert_string_equal(command, "az network vnet peering update --ids '/a/to spoke' --set "
				     "allowGatewayTransit=true");
	assert_string_equal(without_id,
			    "az network vnet peering update --resource-group GROUP --vnet-name "
			    "NETWORK --name NAME --set allowGatewayTransit=true");
}

static const struct policy_row {
	const char *name, *id;
	bool is_custom;
	const char *command;
} policy_rows[] = {
	{ "a connection without policy gets one", ID("connections/cn-a"), false,
	  "az network vpn-connection ipsec-policy add --resource-group rg-net --connection-name "
	  "cn-a " STRONG },
	{ "a policy that is there is cleared first", ID("connections/cn-a"), true,
	  "az network vpn-connection ipsec-policy clear --resource-group rg-net "
	  "--connection-name cn-a && az network vpn-connection ipsec-policy add "
	  "--resource-group rg-net --connection-name cn-a " STRONG },
	{ "a group is found in any case, and quoted", "/resourcegroups/a;b/x/cn", false,
	  "az network vpn-connection ipsec-policy add --resource-group 'a;b' --connection-name "
	  "cn " STRONG },
	{ "without an id, placeholders", NULL, false,
	  "az network vpn-connection ipsec-policy add --resource-group GROUP --connection-name "
	  "NAME " STRONG },
};

static void prints_policy_command(void **state)
{
	const struct policy_row *row = *state;
	_cleanup_free_ char *command = azure_policy_command(row->id, row->is_custom);

	assert_string_equal(command, row->command);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(prints_peering_command) };

	return RUN_ROWS(show_rows, prints_show_command) +
	       RUN_ROWS(policy_rows, prints_policy_command) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
