/* Why a tunnel is not up, in words, and what to do about it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/reason.h"

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "config/tunnel.h"

struct reason_row {
	const char *id;
	/* $G gateway, $N tunnel, $I our IKE suite, $E our ESP suite, $D detail */
	const char *text;
	const char *remedy;
};

static const struct reason_row rows[REASON_N] = {
	/* clang-format off */
	[REASON_NONE] = { "none", "", "" },
	[REASON_STARTING] = { "starting", "the first negotiation with $G is under way", "" },
	[REASON_WAITING] = { "waiting", "the gateway has to begin: its connection is InitiatorOnly",
		"if it should not be so: az network vpn-connection update -n $N -g RG "
		"--set connectionMode=Default" },
	[REASON_ENDED] = { "ended", "the connection to $G ended", "" },
	[REASON_GATEWAY_CLOSED] = { "gateway-closed", "gateway $G closed the connection",
		"nothing, unless it happens again and again: "
		"read the gateway's IKEDiagnosticLog" },
	[REASON_EXPIRED] = { "expired", "an SA with $G reached its lifetime without a successor",
		"compare lifetimes: "
		"az network vpn-connection ipsec-policy list --connection-name $N -g RG" },
	[REASON_WAN_CHANGED] = { "wan-changed",
		"the box's own address towards $G is another one now",
		"if it is a new public address, correct the local network gateway in Azure" },
	[REASON_DEAD] = { "dead", "gateway $G stopped answering",
		"check the box's uplink; then the gateway's health in Azure" },
	[REASON_NO_ROUTE] = { "no-route", "there is no route to gateway $G",
		"check the WAN: link, address, default route" },
	[REASON_SILENT] = { "silent", "no answer from $G on UDP port 500",
		"check uplink and firewall for UDP 500, 4500; in Azure the "
		"local network gateway must name this site's public address" },
	[REASON_SILENT_AUTH] = { "silent-auth",
		"$G answered the first message, but not the next one",
		"let UDP 4500 and IP fragments pass between the box and $G" },
	[REASON_NOTIFY] = { "notify", "gateway $G refused: $D",
		"look up the error in the gateway's IKEDiagnosticLog" },
	[REASON_SELECTORS] = { "selectors", "$G does not accept our traffic selectors",
		"compare usePolicyBasedTrafficSelectors, trafficSelectorPolicies: "
		"az network vpn-connection show -n $N -g RG" },
	[REASON_ESP_PROPOSAL] = { "esp-proposal", "no common ESP suite with $G; ours begin with $E",
		"compare the IPsec policy: "
		"az network vpn-connection ipsec-policy list --connection-name $N -g RG" },
	[REASON_PFS] = { "pfs", "$G refuses to rekey with our ESP suites; ours begin with $E",
		"compare pfsGroup: "
		"az network vpn-connection ipsec-policy list --connection-name $N -g RG" },
	[REASON_IKE_PROPOSAL] = { "ike-proposal", "no common IKE suite with $G; ours begin with $I",
		"compare the IKE policy: "
		"az network vpn-connection ipsec-policy list --connection-name $N -g RG" },
	[REASON_KEY_REFUSED] = { "key-refused", "$G refuses our identity or shared key",
		"the shared keys differ: "
		"az network vpn-connection shared-key show --connection-name $N -g RG" },
	[REASON_KEY_WRONG] = { "key-wrong", "$G did not prove that it knows the shared key",
		"the shared keys differ: "
		"az network vpn-connection shared-key show --connection-name $N -g RG" },
	[REASON_XFRMD] = { "xfrmd", "$D",
		"read the lines of xfrmd in the log" },
	/* clang-format on */
};

const char *reason_id(enum reason reason)
{
	return rows[reason].id;
}

static void append(char out[static MAX_SENTENCE_BYTES], const char *text, size_t len)
{
	size_t used = strlen(out);

	if (len > MAX_SENTENCE_BYTES - 1 - used)
		len = MAX_SENTENCE_BYTES - 1 - used;
	memcpy(out + used, text, len);
	out[used + len] = '\0';
}

static void append_token(char out[static MAX_SENTENCE_BYTES], char token,
			 const struct tunnel *tunnel, const char *detail)
{
	char buf[SUITE_TEXT_BYTES > ADDR_TEXT_BYTES ? SUITE_TEXT_BYTES : ADDR_TEXT_BYTES];
	const char *text = "";

	switch (token) {
	case 'G':
		text = addr_print(&tunnel->gateway, buf);
		break;
	case 'N':
		text = tunnel->name;
		break;
	case 'I':
		text = ike_suite_print(&tunnel->ike_suites[0], buf);
		break;
	case 'E':
		text = esp_suite_print(&tunnel->esp_suites[0], buf);
		break;
	case 'D':
		text = detail ? detail : "no more is known";
		break;
	}
	append(out, text, strlen(text));
}

static void expand(char out[static MAX_SENTENCE_BYTES], const char *text,
		   const struct tunnel *tunnel, const char *detail)
{
	out[0] = '\0';
	for (const char *p = text; *p;) {
		size_t plain = strcspn(p, "$");

		append(out, p, plain);
		p += plain;
		if (*p) {
			append_token(out, p[1], tunnel, detail);
			p += 2;
		}
	}
}

void reason_print(enum reason reason, const struct tunnel *tunnel, const char *detail,
		  char ret_text[static MAX_SENTENCE_BYTES],
		  char ret_remedy[static MAX_SENTENCE_BYTES])
{
	expand(ret_text, rows[reason].text, tunnel, detail);
	expand(ret_remedy, rows[reason].remedy, tunnel, detail);
}
