/* The device configuration: everything that one box needs to know, without secrets.
 *
 * Read from JSON (config/schema.json) by config_parse, which returns a whole valid object or one
 * error; after it nobody checks again. In every parsed configuration tunnel names, if_ids, reqids
 * and gateway addresses are unique; Azure's prefixes overlap neither each other nor the office's;
 * no gateway lies in any of them; names and pairs of selectors are unique within a tunnel; a
 * child's remote lies in Azure's prefixes or is everything.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/limits.h"
#include "config/tunnel.h"

#define CONFIG_FORMAT "fairlead-config/1"

/* Services of the box itself that may leave by the WAN in clear. IKE and ESP always may. */
enum wan_service {
	WAN_SERVICE_DHCP = 1 << 0,  /* UDP 68 -> 67 */
	WAN_SERVICE_DNS = 1 << 1,   /* UDP and TCP 53 */
	WAN_SERVICE_NTP = 1 << 2,   /* UDP 123 */
	WAN_SERVICE_HTTPS = 1 << 3, /* TCP 443: the provisioning agent */
};

struct device_config {
	char site[MAX_NAME_BYTES];
	char wan_interface[MAX_IFNAME_BYTES];
	unsigned int wan_services; /* set of enum wan_service */
	char lan_interface[MAX_IFNAME_BYTES];
	size_t n_office_prefixes;
	struct prefix *office_prefixes; /* owned */
	size_t n_azure_prefixes;
	struct prefix *azure_prefixes; /* owned */
	bool local_breakout;	       /* LAN to WAN for all but Azure's prefixes; off by default */
	size_t n_tunnels;
	struct tunnel *tunnels; /* owned */
};

/* Where a text is wrong and how. Lines and columns count from 1; column in bytes. */
struct config_error {
	int line, column;
	char pointer[128];		 /* JSON pointer (RFC 6901), "" for the document */
	char met[64];			 /* the text met, shortened */
	char wanted[MAX_SENTENCE_BYTES]; /* what would be right */
};

/* Parses a configuration text of `len` bytes, at most MAX_CONFIG_BYTES; no NUL needed. Returns 0
 * and a configuration that the caller frees with config_free, -EBADMSG with `ret_error` filled, or
 * -ENOMEM. */
__attribute__((warn_unused_result)) int config_parse(const char *text, size_t len,
						     struct device_config **ret_config,
						     struct config_error *ret_error);

/* Prints a configuration as JSON that parses to an equal one; one that was not parsed is judged by
 * parsing what was printed. Returns a NUL-terminated text that the caller frees, or NULL when
 * memory is out. */
char *config_print(const struct device_config *config);

/* Prints an error as "PATH:LINE:COLUMN: /pointer: met ..., wanted ..."; returns `buf`. */
#define CONFIG_ERROR_TEXT_BYTES 640
const char *config_error_print(const struct config_error *error, const char *path,
			       char buf[static CONFIG_ERROR_TEXT_BYTES]);

void config_free(struct device_config *config);
bool config_equal(const struct device_config *a, const struct device_config *b);

static inline void cleanup_config(struct device_config **config)
{
	config_free(*config);
}

/* Reads a whole file of at most `max_bytes`, as one read of one open file. When `is_trusted_only`,
 * the file must be a regular file owned by root that neither group nor others may write. Returns 0
 * and NUL-terminated bytes that the caller frees, or a negative errno: -EPERM for a file that is
 * not trusted, -EFBIG over the bound. */
__attribute__((warn_unused_result)) int config_read_file(const char *path, size_t max_bytes,
							 bool is_trusted_only, char **ret_text,
							 size_t *ret_len);
