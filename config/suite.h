/* Cipher suites: what Azure's policies can name and what we agree to run.
 *
 * Transforms carry their IANA numbers (IKEv2 Parameters registry), so that libcharon, the privilege
 * border and the wire speak of the same thing. Text form as strongSwan writes proposals:
 * "aes256gcm16-prfsha384-ecp384" (IKE), "aes256-sha256" or "aes256gcm16-ecp384" (ESP).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* Encryption, transform type 1. DES (2), NULL (11) exist in Azure's enums and have no name here. */
enum encr {
	ENCR_NONE_SET = 0,
	ENCR_3DES = 3,
	ENCR_AES_CBC = 12,
	ENCR_AES_GCM_16 = 20,
};

/* Pseudo-random function, type 2. */
enum prf {
	PRF_NONE_SET = 0,
	PRF_HMAC_MD5 = 1,
	PRF_HMAC_SHA1 = 2,
	PRF_HMAC_SHA2_256 = 5,
	PRF_HMAC_SHA2_384 = 6,
};

/* Integrity, type 3. None with AES-GCM. */
enum integ {
	INTEG_NONE = 0,
	INTEG_HMAC_MD5_96 = 1,
	INTEG_HMAC_SHA1_96 = 2,
	INTEG_HMAC_SHA2_256_128 = 12,
	INTEG_HMAC_SHA2_384_192 = 13,
};

/* Key exchange method, type 4. None in ESP means no perfect forward secrecy. */
enum ke {
	KE_NONE = 0,
	KE_MODP_768 = 1,
	KE_MODP_1024 = 2,
	KE_MODP_2048 = 14,
	KE_ECP_256 = 19,
	KE_ECP_384 = 20,
	KE_MODP_2048_256 = 24,
};

struct ike_suite {
	uint16_t encr;	   /* enum encr */
	uint16_t key_bits; /* 128, 192 or 256; 0 for 3DES */
	uint16_t integ;	   /* enum integ */
	uint16_t prf;	   /* enum prf */
	uint16_t ke;	   /* enum ke, never KE_NONE */
};

struct esp_suite {
	uint16_t encr;
	uint16_t key_bits;
	uint16_t integ;
	uint16_t ke;
};

#define SUITE_TEXT_BYTES 48

/* Parse one suite. Return 0 or -EINVAL; `ret_suite` untouched on failure. */
__attribute__((warn_unused_result)) int ike_suite_parse(const char *text,
							struct ike_suite *ret_suite);
__attribute__((warn_unused_result)) int esp_suite_parse(const char *text,
							struct esp_suite *ret_suite);

/* The same; on failure `ret_wanted` tells what would be right, or why a suite is refused. */
__attribute__((warn_unused_result)) int
ike_suite_parse_explain(const char *text, struct ike_suite *ret_suite,
			char ret_wanted[static MAX_SENTENCE_BYTES]);
__attribute__((warn_unused_result)) int
esp_suite_parse_explain(const char *text, struct esp_suite *ret_suite,
			char ret_wanted[static MAX_SENTENCE_BYTES]);

/* Print one suite; the text parses to an equal one. Return `buf`. */
const char *ike_suite_print(const struct ike_suite *suite, char buf[static SUITE_TEXT_BYTES]);
const char *esp_suite_print(const struct esp_suite *suite, char buf[static SUITE_TEXT_BYTES]);

/* Key material in bytes as the kernel and IKE count it: AES-GCM with its 4 bytes of salt.
 * 0 for a combination that does not exist. */
size_t encr_key_bytes(uint16_t encr, uint16_t key_bits);
size_t integ_key_bytes(uint16_t integ);

/* The largest inner packet in bytes that fits, encrypted, into `outer_mtu` bytes of IPv4 with ESP
 * in UDP (RFC 4303 2.4, RFC 3948); without UDP it would be up to 8 more. 0 when nothing fits. */
uint32_t esp_suite_inner_mtu(const struct esp_suite *suite, uint32_t outer_mtu);

/* What is weak about a suite, as half a sentence for a finding ("group 2 (1024 bit) ..."), or NULL.
 */
const char *ike_suite_weakness(const struct ike_suite *suite);
const char *esp_suite_weakness(const struct esp_suite *suite);

/* Azure's default policy as a route-based gateway offers it, best first: six IKE suites, all on
 * group 2; the ESP suites that it accepts and that we run, without KE. Static storage. */
const struct ike_suite *ike_suites_azure_default(size_t *ret_n);
const struct esp_suite *esp_suites_azure_default(size_t *ret_n);
