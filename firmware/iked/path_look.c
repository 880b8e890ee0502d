/* The box's way out, as it is now.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/path_look.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

static void add(struct wan_state *wan, const struct ifaddrs *entry)
{
	struct sockaddr_in address;

	wan->is_there = true;
	wan->is_up = entry->ifa_flags & IFF_UP;
	wan->has_carrier = wan->is_up && (entry->ifa_flags & IFF_RUNNING);
	if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET || wan->address.family)
		return;
	memcpy(&address, entry->ifa_addr, sizeof(address));
	wan->address.family = ADDR_FAMILY_IPV4;
	memcpy(wan->address.bytes, &address.sin_addr, sizeof(address.sin_addr));
}

struct wan_state path_look_wan(const char *name)
{
	struct wan_state wan = { 0 };
	struct ifaddrs *list;

	snprintf(wan.name, sizeof(wan.name), "%s", name);
	if (getifaddrs(&list) < 0)
		return wan;
	for (const struct ifaddrs *i = list; i; i = i->ifa_next)
		if (strcmp(i->ifa_name, name) == 0)
			add(&wan, i);
	freeifaddrs(list);
	return wan;
}

/* To connect a UDP socket sends nothing. */
bool path_look_route(const struct addr *gateway)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(500) };
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(&to.sin_addr, gateway->bytes, sizeof(to.sin_addr));
	return fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
}
