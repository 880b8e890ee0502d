/* The filter as text: from the device configuration to an nft script.
 *
 * What it lets pass, by hook (nft(8), "address families", inet; hooks in <linux/netfilter.h>):
 *
 *   forward   LAN -> tunnel, office to Azure; tunnel -> LAN, Azure to office; with local break-out
 *             LAN -> WAN but for Azure's prefixes and the gateways, and the answers
 *   output    to the WAN: ESP and IKE to the configured gateways, listed services; to a tunnel:
 *             office to Azure; to the LAN: answers, ICMP, DHCP
 *   input     from the WAN: ESP and IKE of the gateways, answers, ICMP errors; from a tunnel:
 *             answers, ping; from the LAN: what the box serves
 *
 * and before and behind all of it, two guards on the WAN that know nothing but prefixes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "config/device.h"

#define FILTER_TABLE "fairlead"

/* Written ahead of the text when it is loaded, so that one transaction replaces the old table. */
#define FILTER_REPLACE "table inet " FILTER_TABLE "\ndelete table inet " FILTER_TABLE "\n"

/* Renders the table as `nft --stateless list table inet fairlead` prints it once it is loaded, but
 * for white space and the order of a set's elements: filter_difference relies on that. Returns a
 * NUL-terminated text that the caller frees, or NULL when memory is out. */
char *render_filter(const struct device_config *config);
