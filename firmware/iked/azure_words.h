/* Azure's words for our suites, as options of `az network vpn-connection ipsec-policy add`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdint.h>

struct esp_suite;
struct ike_suite;

#define AZURE_WORDS_BYTES 96

/* "--ike-encryption AES256 --ike-integrity SHA384 --dh-group ECP384". Returns `buf`. */
const char *azure_words_ike(const struct ike_suite *suite, char buf[static AZURE_WORDS_BYTES]);
/* "--ipsec-encryption GCMAES256 --ipsec-integrity GCMAES256 --pfs-group None". Returns `buf`. */
const char *azure_words_esp(const struct esp_suite *suite, char buf[static AZURE_WORDS_BYTES]);

/* A group that a gateway names (RFC 7296 section 3.4): "group 14 (DHGroup14)", or "group 31, which
 * the box does not have". Returns `buf`. */
const char *azure_words_group(uint16_t ke, char buf[static AZURE_WORDS_BYTES]);
