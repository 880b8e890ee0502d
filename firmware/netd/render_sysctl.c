/* Kernel settings as a list: one table of settings, spread over the links.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "netd/render_sysctl.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* Where a setting is written: once, or on some links, whose names take the place of "%s". */
enum scope {
	SCOPE_HOST = 0,
	SCOPE_ALL = 1 << 0, /* "all" and "default" */
	SCOPE_LAN = 1 << 1,
	SCOPE_WAN = 1 << 2,
	SCOPE_INSIDE = SCOPE_ALL | SCOPE_LAN,
	SCOPE_LINKS = SCOPE_INSIDE | SCOPE_WAN,
};

enum ipv6_use {
	IPV6_ANY,
	IPV6_USED,   /* office and Azure have IPv6 prefixes */
	IPV6_UNUSED, /* one of them has none */
};

struct setting {
	unsigned int scope; /* set of enum scope */
	enum ipv6_use when;
	const char *path, *value;
};

static const struct setting settings[] = {
	/* Sources are judged by the filter, by interface and prefix. Reverse-path filtering would
	 * judge them by routes, and those leave with a tunnel: what Azure still sends through the
	 * other instance would be dropped. */
	{ SCOPE_LINKS, IPV6_ANY, "net/ipv4/conf/%s/rp_filter", "0" },
	/* Nobody but the configuration decides about routes. */
	{ SCOPE_LINKS, IPV6_ANY, "net/ipv4/conf/%s/accept_redirects", "0" },
	{ SCOPE_LINKS, IPV6_ANY, "net/ipv4/conf/%s/send_redirects", "0" },
	{ SCOPE_LINKS, IPV6_ANY, "net/ipv4/conf/%s/accept_source_route", "0" },
	/* ARP on the WAN neither answers for nor tells of addresses of the LAN. */
	{ SCOPE_LINKS, IPV6_ANY, "net/ipv4/conf/%s/arp_ignore", "1" },
	{ SCOPE_LINKS, IPV6_ANY, "net/ipv4/conf/%s/arp_announce", "2" },

	{ SCOPE_LINKS, IPV6_ANY, "net/ipv6/conf/%s/accept_ra", "0" },
	{ SCOPE_LINKS, IPV6_ANY, "net/ipv6/conf/%s/autoconf", "0" },
	{ SCOPE_LINKS, IPV6_ANY, "net/ipv6/conf/%s/accept_redirects", "0" },
	{ SCOPE_LINKS, IPV6_ANY, "net/ipv6/conf/%s/accept_source_route", "-1" },
	/* Azure is IPv4 on the outside. */
	{ SCOPE_LINKS, IPV6_UNUSED, "net/ipv6/conf/%s/disable_ipv6", "1" },
	{ SCOPE_INSIDE, IPV6_USED, "net/ipv6/conf/%s/disable_ipv6", "0" },
	{ SCOPE_WAN, IPV6_USED, "net/ipv6/conf/%s/disable_ipv6", "1" },

	/* Nobody but xfrmd binds UDP 500 and 4500: who else could would get what comes for them. */
	{ SCOPE_HOST, IPV6_ANY, "net/ipv4/ip_unprivileged_port_start", "4501" },

	/* Tunnels that share a prefix share it by flow, ports included. */
	{ SCOPE_HOST, IPV6_ANY, "net/ipv4/fib_multipath_hash_policy", "1" },

	/* An SPI that is reserved for an exchange lives this long, in seconds, and an acquire is
	 * not raised again for as long: iked gives up on a negotiation no later than that. */
	{ SCOPE_HOST, IPV6_ANY, "net/core/xfrm_acq_expires", "90" },

	{ SCOPE_HOST, IPV6_UNUSED, SYSCTL_FORWARD6, "0" },
	{ SCOPE_HOST, IPV6_USED, SYSCTL_FORWARD6, "1" },
	{ SCOPE_HOST, IPV6_ANY, SYSCTL_FORWARD, "1" },
};

static bool has_ipv6(const struct prefix *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (prefixes[i].addr.family == ADDR_FAMILY_IPV6)
			return true;
	return false;
}

/* `link` is put into the path. NULL for a setting of the host. */
static void add(struct sysctls *sysctls, const struct setting *setting, const char *link,
		bool is_optional)
{
	struct sysctl *row = &sysctls->rows[sysctls->n];
	const char *place = strstr(setting->path, "%s");
	int before = place ? (int)(place - setting->path) : (int)strlen(setting->path);
	int len;

	assert(sysctls->n < MAX_SYSCTLS);
	len = snprintf(row->path, sizeof(row->path), "%.*s%s%s", before, setting->path,
		       link ? link : "", place ? place + 2 : "");
	assert(len > 0 && (size_t)len < sizeof(row->path));
	row->value = setting->value;
	row->is_optional = is_optional;
	sysctls->n++;
}

void render_sysctl(const struct device_config *config, struct sysctls *ret_sysctls)
{
	bool is_ipv6_used = has_ipv6(config->azure_prefixes, config->n_azure_prefixes) &&
			    has_ipv6(config->office_prefixes, config->n_office_prefixes);
	enum ipv6_use unfit = is_ipv6_used ? IPV6_UNUSED : IPV6_USED;

	ret_sysctls->n = 0;
	for (size_t i = 0; i < countof(settings); i++) {
		const struct setting *s = &settings[i];
		bool may_miss = !is_ipv6_used && !strncmp(s->path, "net/ipv6/", 9);

		if (s->when == unfit)
			continue;
		if (s->scope == SCOPE_HOST)
			add(ret_sysctls, s, NULL, may_miss);
		if (s->scope & SCOPE_ALL) {
			add(ret_sysctls, s, "all", may_miss);
			add(ret_sysctls, s, "default", may_miss);
		}
		if (s->scope & SCOPE_LAN)
			add(ret_sysctls, s, config->lan_interface, true);
		if (s->scope & SCOPE_WAN)
			add(ret_sysctls, s, config->wan_interface, true);
	}
}
