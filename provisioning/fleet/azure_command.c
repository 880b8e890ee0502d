/* The `az` commands that findings name. Ids come from strangers' files and go to a shell by copy
 * and paste: what a shell would read is quoted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/azure_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

static const char *const show_commands[N_AZURE_KINDS] = {
	[AZURE_KIND_CONNECTION] = "az network vpn-connection show",
	[AZURE_KIND_GATEWAY] = "az network vnet-gateway show",
	[AZURE_KIND_LOCAL_GATEWAY] = "az network local-gateway show",
	[AZURE_KIND_PUBLIC_IP] = "az network public-ip show",
	[AZURE_KIND_NETWORK] = "az network vnet show",
	[AZURE_KIND_SHARED_KEY] = "az network vpn-connection shared-key show",
};

/* The word as a POSIX shell takes it for itself. Heap, or NULL. */
static char *shell_quote(const char *word, size_t len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/_.:-";
	char *quoted = malloc(4 * len + 3), *out = quoted;

	if (!quoted)
		return NULL;
	if (len > 0 && strspn(word, plain) >= len) {
		memcpy(quoted, word, len);
		quoted[len] = '\0';
		return quoted;
	}
	*out++ = '\'';
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\'') {
			memcpy(out, "'\\'", 3);
			out += 3;
		}
		*out++ = word[i];
	}
	*out++ = '\'';
	*out = '\0';
	return quoted;
}

char *azure_show_command(enum azure_kind kind, const char *id)
{
	_cleanup_free_ char *quoted = id ? shell_quote(id, strlen(id)) : NULL;
	char *command = NULL;
	int n;

	if (quoted)
		n = asprintf(&command, "%s --ids %s", show_commands[kind], quoted);
	else
		n = asprintf(&command, "%s --resource-group GROUP %s NAME", show_commands[kind],
			     kind == AZURE_KIND_SHARED_KEY ? "--connection-name" : "--name");
	return n < 0 ? NULL : command;
}

char *azure_peering_command(const char *id)
{
	static const char update[] = "az network vnet peering update";
	static const char set[] = "--set allowGatewayTransit=true";
	_cleanup_free_ char *quoted = id ? shell_quote(id, strlen(id)) : NULL;
	char *command = NULL;
	int n;

	if (quoted)
		n = asprintf(&command, "%s --ids %s %s", update, quoted, set);
	else
		n = asprintf(&command,
			     "%s --resource-group GROUP --vnet-name NETWORK --name NAME %s", update,
			     set);
	return n < 0 ? NULL : command;
}

/* The part of an id behind "/resourceGroups/". */
static const char *find_group(const char *id, size_t *ret_len)
{
	static const char mark[] = "/resourceGroups/";
	const char *found = strcasestr(id, mark);

	if (!found)
		return NULL;
	found += sizeof(mark) - 1;
	*ret_len = strcspn(found, "/");
	return found;
}

char *azure_policy_command(const char *id, bool is_custom)
{
	static const char policy[] = "az network vpn-connection ipsec-policy";
	static const char strong[] = "--ike-encryption AES256 --ike-integrity SHA384 "
				     "--dh-group ECP384 --ipsec-encryption GCMAES256 "
				     "--ipsec-integrity GCMAES256 --pfs-group ECP384 "
				     "--sa-lifetime 27000 --sa-max-size 102400000";
	size_t group_len = 0;
	const char *group = id ? find_group(id, &group_len) : NULL;
	const char *name = azure_id_name(id);
	_cleanup_free_ char *quoted_group = group ? shell_quote(group, group_len) : NULL;
	_cleanup_free_ char *quoted_name = name ? shell_quote(name, strlen(name)) : NULL;
	_cleanup_free_ char *target = NULL;
	char *command = NULL;
	int n;

	if (asprintf(&target, "--resource-group %s --connection-name %s",
		     quoted_group ? quoted_group : "GROUP", quoted_name ? quoted_name : "NAME") < 0)
		return target = NULL;
	if (is_custom)
		n = asprintf(&command, "%s clear %s && %s add %s %s", policy, target, policy,
			     target, strong);
	else
		n = asprintf(&command, "%s add %s %s", policy, target, strong);
	return n < 0 ? NULL : command;
}
