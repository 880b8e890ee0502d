/* A kernel_net_t that needs no right: it asks the kernel by what any process may do.
 *
 * No address or route is ever added; virtual IPs are not part of a site-to-site tunnel. Changes
 * are noticed by path_watch.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

/* The address that a packet to `dest` would leave from. To connect a UDP socket sends nothing. */
METHOD(kernel_net_t, get_source_addr, host_t *, kernel_net_t *this, host_t *dest, host_t *src)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);
	host_t *found = NULL;
	int fd;

	if (dest->get_family(dest) != AF_INET)
		return NULL;
	memcpy(&addr, dest->get_sockaddr(dest), sizeof(addr));
	addr.sin_port = htons(IKEV2_UDP_PORT);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	if (src && !src->is_anyaddr(src)) {
		struct sockaddr_in from;

		memcpy(&from, src->get_sockaddr(src), sizeof(from));
		from.sin_port = 0;
		if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0) {
			close(fd);
			return NULL;
		}
	}
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&addr, &len) == 0) {
		addr.sin_port = 0;
		found = host_create_from_sockaddr((sockaddr_t *)&addr);
	}
	close(fd);
	return found;
}

METHOD(kernel_net_t, get_nexthop, host_t *, kernel_net_t *this, host_t *dest, int prefix,
       host_t *src, char **iface)
{
	if (iface)
		*iface = NULL;
	return dest->clone(dest);
}

/* Calls for every address of the box that is on an interface which is up; stops at true. */
static bool for_each_address(bool (*visit)(host_t *host, const char *name, void *data), void *data)
{
	struct ifaddrs *list;
	bool is_done = FALSE;

	if (getifaddrs(&list) < 0)
		return FALSE;
	for (struct ifaddrs *i = list; i && !is_done; i = i->ifa_next) {
		host_t *host;

		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !(i->ifa_flags & IFF_UP))
			continue;
		host = host_create_from_sockaddr(i->ifa_addr);
		is_done = visit(host, i->ifa_name, data);
		host->destroy(host);
	}
	freeifaddrs(list);
	return is_done;
}

struct wanted {
	host_t *host;
	char **ret_name; /* may be NULL */
};

static bool visit_interface(host_t *host, const char *name, void *data)
{
	struct wanted *wanted = data;

	if (!host->ip_equals(host, wanted->host))
		return FALSE;
	if (wanted->ret_name)
		*wanted->ret_name = strdup(name);
	return TRUE;
}

METHOD(kernel_net_t, get_interface, bool, kernel_net_t *this, host_t *host, char **name)
{
	struct wanted wanted = { .host = host, .ret_name = name };

	return for_each_address(visit_interface, &wanted);
}

static bool visit_collect(host_t *host, const char *name, void *data)
{
	linked_list_t *hosts = data;

	if (!host->is_anyaddr(host) && *(uint8_t *)host->get_address(host).ptr != 127)
		hosts->insert_last(hosts, host->clone(host));
	return FALSE;
}

static void destroy_hosts(linked_list_t *hosts)
{
	hosts->destroy_offset(hosts, offsetof(host_t, destroy));
}

METHOD(kernel_net_t, create_address_enumerator, enumerator_t *, kernel_net_t *this,
       kernel_address_type_t which)
{
	linked_list_t *hosts = linked_list_create();

	for_each_address(visit_collect, hosts);
	return enumerator_create_cleaner(hosts->create_enumerator(hosts), (void *)destroy_hosts,
					 hosts);
}

METHOD(kernel_net_t, manage_ip, status_t, kernel_net_t *this, host_t *virtual_ip, int prefix,
       char *iface)
{
	return NOT_SUPPORTED;
}

METHOD(kernel_net_t, del_ip, status_t, kernel_net_t *this, host_t *virtual_ip, int prefix,
       bool wait)
{
	return NOT_SUPPORTED;
}

METHOD(kernel_net_t, manage_route, status_t, kernel_net_t *this, chunk_t dst_net, uint8_t prefixlen,
       host_t *gateway, host_t *src_ip, char *if_name, bool pass)
{
	return NOT_SUPPORTED;
}

METHOD(kernel_net_t, destroy, void, kernel_net_t *this)
{
	free(this);
}

kernel_net_t *charon_net_create(void)
{
	kernel_net_t *this;

	INIT(this, .get_source_addr = _get_source_addr, .get_nexthop = _get_nexthop,
	     .get_interface = _get_interface,
	     .create_address_enumerator = _create_address_enumerator, .add_ip = _manage_ip,
	     .del_ip = _del_ip, .add_route = _manage_route, .del_route = _manage_route,
	     .destroy = _destroy);
	return this;
}
