/* The filter as text: one table of lines, read from top to bottom.
 *
 * Two sorts of traffic have rights: the tunnels' inside, judged by prefixes and interfaces, and the
 * tunnels' outside, judged by the gateways' addresses. Everything else drops into a named counter.
 * Nothing here depends on routes: those come and go with the tunnels, the filter stays.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "netd/render_filter.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Which lines a configuration has. */
enum when {
	WHEN_ALWAYS,
	WHEN_BREAKOUT,
	WHEN_DHCP,
	WHEN_DNS,
	WHEN_NTP,
	WHEN_HTTPS,
};

struct line {
	enum when when;
	const char *text; /* $WAN and $LAN are the names of the links */
};

/* What is dropped is counted here, by the reason. */
static const char *const counters[] = {
	"wan_spoofed",	  /* came by the WAN with a source in Azure's or the office's prefixes */
	"wan_ipv6",	  /* IPv6 on the WAN, either way */
	"wan_leak",	  /* would have left by the WAN in clear */
	"invalid",	  /* belongs to no connection that conntrack understands */
	"forward_denied", /* between interfaces or prefixes that have no business together */
	"input_denied",	  /* to the box, for a service that it has not */
	"output_denied",  /* from the box, a service that is not listed */
};

#define OUTWARD4 "ip saddr @office4 ip daddr @azure4"
#define OUTWARD6 "ip6 saddr @office6 ip6 daddr @azure6"
#define INWARD4 "ip saddr @azure4 ip daddr @office4"
#define INWARD6 "ip6 saddr @azure6 ip6 daddr @office6"
#define IKE_PORTS "udp sport { 500, 4500 } udp dport { 500, 4500 }"
#define ICMP_ERRORS "destination-unreachable, time-exceeded, parameter-problem"

/* clang-format off */
static const struct line lines[] = {
	/* First guard. Azure is IPv4 on the outside, so IPv6 from the WAN serves nobody. */
	{ WHEN_ALWAYS, "chain guard_in {" },
	{ WHEN_ALWAYS, "\ttype filter hook prerouting priority raw; policy accept;" },
	{ WHEN_ALWAYS, "\tiifname != $WAN accept" },
	{ WHEN_ALWAYS, "\tmeta nfproto ipv6 counter name \"wan_ipv6\" drop" },
	{ WHEN_ALWAYS, "\tip saddr @azure4 counter name \"wan_spoofed\" drop" },
	{ WHEN_ALWAYS, "\tip saddr @office4 counter name \"wan_spoofed\" drop" },
	{ WHEN_ALWAYS, "}\n" },

	/* What carries the tunnels. Azure's gateways are behind no NAT: their ports are fixed. */
	{ WHEN_ALWAYS, "chain to_gateway {" },
	{ WHEN_ALWAYS, "\tip daddr @gateways meta l4proto esp accept" },
	{ WHEN_ALWAYS, "\tip daddr @gateways " IKE_PORTS " accept" },
	{ WHEN_ALWAYS, "}\n" },

	/* An ICMP error counts only if it quotes a packet that we sent. */
	{ WHEN_ALWAYS, "chain from_wan {" },
	{ WHEN_ALWAYS, "\tip saddr @gateways meta l4proto esp accept" },
	{ WHEN_ALWAYS, "\tip saddr @gateways " IKE_PORTS " accept" },
	{ WHEN_ALWAYS, "\tct state established accept" },
	{ WHEN_ALWAYS, "\tct state related icmp type { " ICMP_ERRORS " } "
		       "limit rate 10/second burst 20 packets accept" },
	/* the answer to a broadcast is no answer to conntrack */
	{ WHEN_DHCP,   "\tudp sport 67 udp dport 68 accept" },
	{ WHEN_ALWAYS, "}\n" },

	{ WHEN_ALWAYS, "chain from_tunnel {" },
	{ WHEN_ALWAYS, "\t" INWARD4 " ct state established,related accept" },
	{ WHEN_ALWAYS, "\t" INWARD4 " icmp type echo-request accept" },
	{ WHEN_ALWAYS, "\t" INWARD6 " ct state established,related accept" },
	{ WHEN_ALWAYS, "\t" INWARD6 " icmpv6 type echo-request accept" },
	{ WHEN_ALWAYS, "}\n" },

	{ WHEN_ALWAYS, "chain from_lan {" },
	{ WHEN_ALWAYS, "\tct state established,related accept" },
	{ WHEN_ALWAYS, "\ticmp type echo-request accept" },
	{ WHEN_ALWAYS, "\tmeta l4proto ipv6-icmp accept" },
	{ WHEN_ALWAYS, "\tudp dport { 53, 67 } accept" },
	{ WHEN_ALWAYS, "\ttcp dport { 22, 53 } accept" },
	{ WHEN_ALWAYS, "}\n" },

	{ WHEN_ALWAYS, "chain input {" },
	{ WHEN_ALWAYS, "\ttype filter hook input priority filter; policy drop;" },
	{ WHEN_ALWAYS, "\tiifname \"lo\" accept" },
	{ WHEN_ALWAYS, "\tct state invalid counter name \"invalid\" drop" },
	{ WHEN_ALWAYS, "\tiifname $WAN jump from_wan" },
	{ WHEN_ALWAYS, "\tiifname @tunnels jump from_tunnel" },
	{ WHEN_ALWAYS, "\tiifname $LAN jump from_lan" },
	{ WHEN_ALWAYS, "\tcounter name \"input_denied\" drop" },
	{ WHEN_ALWAYS, "}\n" },

	{ WHEN_ALWAYS, "chain to_wan {" },
	{ WHEN_ALWAYS, "\tmeta nfproto ipv6 counter name \"wan_ipv6\" drop" },
	{ WHEN_ALWAYS, "\tjump to_gateway" },
	{ WHEN_DHCP,   "\tudp sport 68 udp dport 67 accept" },
	{ WHEN_DNS,    "\tudp dport 53 accept" },
	{ WHEN_DNS,    "\ttcp dport 53 accept" },
	{ WHEN_NTP,    "\tudp dport 123 accept" },
	{ WHEN_HTTPS,  "\ttcp dport 443 accept" },
	{ WHEN_ALWAYS, "}\n" },

	{ WHEN_ALWAYS, "chain to_tunnel {" },
	{ WHEN_ALWAYS, "\t" OUTWARD4 " accept" },
	{ WHEN_ALWAYS, "\t" OUTWARD6 " accept" },
	{ WHEN_ALWAYS, "}\n" },

	/* ICMP errors by type: one for a packet without a route quotes nothing that is tracked. */
	{ WHEN_ALWAYS, "chain to_lan {" },
	{ WHEN_ALWAYS, "\tct state established,related accept" },
	{ WHEN_ALWAYS, "\ticmp type { destination-unreachable, echo-request, time-exceeded, "
		       "parameter-problem } accept" },
	{ WHEN_ALWAYS, "\tmeta l4proto ipv6-icmp accept" },
	{ WHEN_ALWAYS, "\tudp sport 67 udp dport 68 accept" },
	{ WHEN_ALWAYS, "}\n" },

	{ WHEN_ALWAYS, "chain output {" },
	{ WHEN_ALWAYS, "\ttype filter hook output priority filter; policy drop;" },
	{ WHEN_ALWAYS, "\toifname \"lo\" accept" },
	{ WHEN_ALWAYS, "\toifname $WAN jump to_wan" },
	{ WHEN_ALWAYS, "\toifname @tunnels jump to_tunnel" },
	{ WHEN_ALWAYS, "\toifname $LAN jump to_lan" },
	{ WHEN_ALWAYS, "\tcounter name \"output_denied\" drop" },
	{ WHEN_ALWAYS, "}\n" },

	{ WHEN_ALWAYS, "chain forward {" },
	{ WHEN_ALWAYS, "\ttype filter hook forward priority filter; policy drop;" },
	{ WHEN_ALWAYS, "\tct state invalid counter name \"invalid\" drop" },
	{ WHEN_ALWAYS, "\tiifname $LAN oifname @tunnels " OUTWARD4 " accept" },
	{ WHEN_ALWAYS, "\tiifname $LAN oifname @tunnels " OUTWARD6 " accept" },
	{ WHEN_ALWAYS, "\tiifname @tunnels oifname $LAN " INWARD4 " accept" },
	{ WHEN_ALWAYS, "\tiifname @tunnels oifname $LAN " INWARD6 " accept" },
	{ WHEN_BREAKOUT, "\tiifname $LAN oifname $WAN ip saddr @office4 ip daddr != @azure4 "
			 "ip daddr != @gateways accept" },
	{ WHEN_BREAKOUT, "\tiifname $WAN oifname $LAN ip daddr @office4 "
			 "ct state established,related accept" },
	{ WHEN_ALWAYS, "\tcounter name \"forward_denied\" drop" },
	{ WHEN_ALWAYS, "}\n" },

	/* The kernel only ever lowers an MSS (nft_exthdr.c), so the smaller of both values wins. */
	{ WHEN_ALWAYS, "chain clamp {" },
	{ WHEN_ALWAYS, "\tmeta nfproto ipv4 tcp option maxseg size set iifname map @mss4" },
	{ WHEN_ALWAYS, "\tmeta nfproto ipv4 tcp option maxseg size set oifname map @mss4" },
	{ WHEN_ALWAYS, "\tmeta nfproto ipv6 tcp option maxseg size set iifname map @mss6" },
	{ WHEN_ALWAYS, "\tmeta nfproto ipv6 tcp option maxseg size set oifname map @mss6" },
	{ WHEN_ALWAYS, "\tiifname @tunnels tcp option maxseg size set rt mtu" },
	{ WHEN_ALWAYS, "\toifname @tunnels tcp option maxseg size set rt mtu" },
	{ WHEN_ALWAYS, "}\n" },
	{ WHEN_ALWAYS, "chain mss {" },
	{ WHEN_ALWAYS, "\ttype filter hook forward priority mangle; policy accept;" },
	{ WHEN_ALWAYS, "\ttcp flags syn jump clamp" },
	{ WHEN_ALWAYS, "}\n" },

	{ WHEN_BREAKOUT, "chain breakout {" },
	{ WHEN_BREAKOUT, "\ttype nat hook postrouting priority srcnat; policy accept;" },
	{ WHEN_BREAKOUT, "\toifname $WAN ip saddr @office4 masquerade" },
	{ WHEN_BREAKOUT, "}\n" },

	/* Second guard, behind the translation of addresses: what carries the prefixes of office
	 * or Azure on its outside never leaves by the WAN, whatever let it pass before. A tunnel's
	 * inside comes by here once more on its way into ESP, with the WAN as its interface
	 * (xfrm4_output.c); its route then says that it will be transformed. */
	{ WHEN_ALWAYS, "chain guard_out {" },
	{ WHEN_ALWAYS, "\ttype filter hook postrouting priority srcnat + 10; policy accept;" },
	{ WHEN_ALWAYS, "\toifname != $WAN accept" },
	{ WHEN_ALWAYS, "\trt ipsec exists accept" },
	{ WHEN_ALWAYS, "\tjump to_gateway" },
	{ WHEN_ALWAYS, "\tmeta nfproto ipv6 counter name \"wan_leak\" drop" },
	{ WHEN_ALWAYS, "\tip daddr @azure4 counter name \"wan_leak\" drop" },
	{ WHEN_ALWAYS, "\tip saddr @office4 counter name \"wan_leak\" drop" },
	{ WHEN_ALWAYS, "}" },
};
/* clang-format on */

/* What a configuration has, as a set of enum when. */
static unsigned int conditions(const struct device_config *config)
{
	static const struct {
		enum wan_service service;
		enum when when;
	} services[] = {
		{ WAN_SERVICE_DHCP, WHEN_DHCP },
		{ WAN_SERVICE_DNS, WHEN_DNS },
		{ WAN_SERVICE_NTP, WHEN_NTP },
		{ WAN_SERVICE_HTTPS, WHEN_HTTPS },
	};
	unsigned int set = 1u << WHEN_ALWAYS;

	if (config->local_breakout)
		set |= 1u << WHEN_BREAKOUT;
	for (size_t i = 0; i < countof(services); i++)
		if (config->wan_services & services[i].service)
			set |= 1u << services[i].when;
	return set;
}

/* Prints one line, the names of the links put in. */
static void print_line(FILE *out, const char *text, const struct device_config *config)
{
	fputc('\t', out);
	for (; *text; text++) {
		if (*text != '$') {
			fputc(*text, out);
			continue;
		}
		fprintf(out, "\"%s\"",
			text[1] == 'W' ? config->wan_interface : config->lan_interface);
		text += strlen("WAN"); /* and "LAN" */
	}
	fputc('\n', out);
}

static void print_lines(FILE *out, const struct device_config *config)
{
	unsigned int have = conditions(config);

	for (size_t i = 0; i < countof(lines); i++)
		if (have & 1u << lines[i].when)
			print_line(out, lines[i].text, config);
}

/* An address where nft prints one, without the length. */
static const char *print_as_nft(const struct prefix *prefix, char buf[static PREFIX_TEXT_BYTES])
{
	if (prefix->len == (prefix->addr.family == ADDR_FAMILY_IPV4 ? 32 : 128))
		return addr_print(&prefix->addr, buf);
	return prefix_print(prefix, buf);
}

/* One element of a set, number `n` of those printed. */
static void print_element(FILE *out, size_t n, const char *text)
{
	fprintf(out, "%s%s", n ? ",\n\t\t\t     " : "\t\telements = { ", text);
}

static void print_set_end(FILE *out, size_t n_elements)
{
	fprintf(out, "%s\t}\n\n", n_elements ? " }\n" : "");
}

static void print_prefixes(FILE *out, const char *name, enum addr_family family,
			   const struct prefix *prefixes, size_t n_prefixes)
{
	char text[PREFIX_TEXT_BYTES];
	size_t n = 0;

	fprintf(out, "\tset %s {\n\t\ttype %s\n\t\tflags interval\n", name,
		family == ADDR_FAMILY_IPV4 ? "ipv4_addr" : "ipv6_addr");
	for (size_t i = 0; i < n_prefixes; i++)
		if (prefixes[i].addr.family == family)
			print_element(out, n++, print_as_nft(&prefixes[i], text));
	print_set_end(out, n);
}

/* By tunnel interface, the MSS of segments inside; `header_bytes` is what their IP takes more than
 * IPv4's. */
static void print_mss(FILE *out, const char *name, unsigned int header_bytes,
		      const struct device_config *config)
{
	char ifname[MAX_IFNAME_BYTES], pair[MAX_IFNAME_BYTES + 16];

	fprintf(out, "\tmap %s {\n\t\ttypeof iifname : tcp option maxseg size\n", name);
	for (size_t i = 0; i < config->n_tunnels; i++) {
		snprintf(pair, sizeof(pair), "\"%s\" : %u",
			 tunnel_ifname(config->tunnels[i].if_id, ifname),
			 config->tunnels[i].mss - header_bytes);
		print_element(out, i, pair);
	}
	print_set_end(out, config->n_tunnels);
}

static void print_sets(FILE *out, const struct device_config *config)
{
	char address[ADDR_TEXT_BYTES], ifname[MAX_IFNAME_BYTES], quoted[MAX_IFNAME_BYTES + 2];

	print_prefixes(out, "azure4", ADDR_FAMILY_IPV4, config->azure_prefixes,
		       config->n_azure_prefixes);
	print_prefixes(out, "azure6", ADDR_FAMILY_IPV6, config->azure_prefixes,
		       config->n_azure_prefixes);
	print_prefixes(out, "office4", ADDR_FAMILY_IPV4, config->office_prefixes,
		       config->n_office_prefixes);
	print_prefixes(out, "office6", ADDR_FAMILY_IPV6, config->office_prefixes,
		       config->n_office_prefixes);

	fprintf(out, "\tset gateways {\n\t\ttype ipv4_addr\n");
	for (size_t i = 0; i < config->n_tunnels; i++)
		print_element(out, i, addr_print(&config->tunnels[i].gateway, address));
	print_set_end(out, config->n_tunnels);

	fprintf(out, "\tset tunnels {\n\t\ttype ifname\n");
	for (size_t i = 0; i < config->n_tunnels; i++) {
		snprintf(quoted, sizeof(quoted), "\"%s\"",
			 tunnel_ifname(config->tunnels[i].if_id, ifname));
		print_element(out, i, quoted);
	}
	print_set_end(out, config->n_tunnels);
	print_mss(out, "mss4", 0, config);
	print_mss(out, "mss6", 20, config);
}

char *render_filter(const struct device_config *config)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool is_whole;

	if (!out)
		return NULL;
	fprintf(out, "table inet " FILTER_TABLE " {\n");
	for (size_t i = 0; i < countof(counters); i++)
		fprintf(out, "\tcounter %s {\n\t}\n\n", counters[i]);
	print_sets(out, config);
	print_lines(out, config);
	fprintf(out, "}\n");
	is_whole = !ferror(out);
	if (fclose(out) || !is_whole) {
		free(text);
		return NULL;
	}
	return text;
}
