/* The device configuration as a value.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/device_keys.h"

static void cleanup_json_text(struct json_text **json)
{
	json_text_free(*json);
}

int config_parse(const char *text, size_t len, struct device_config **ret_config,
		 struct config_error *ret_error)
{
	_cleanup_(cleanup_json_text) struct json_text *json = NULL;
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	struct device_reader reader = { .error = ret_error };
	int r;

	if (len > MAX_CONFIG_BYTES) {
		*ret_error = (struct config_error){ .line = 1, .column = 1 };
		snprintf(ret_error->met, sizeof(ret_error->met), "%zu bytes", len);
		snprintf(ret_error->wanted, sizeof(ret_error->wanted), "at most %d",
			 MAX_CONFIG_BYTES);
		return -EBADMSG;
	}
	r = json_text_parse(text, len, JSON_TEXT_STRICT, &json, ret_error);
	if (r < 0)
		return r;
	config = calloc(1, sizeof(*config));
	if (!config)
		return -ENOMEM;
	reader.json = json;
	r = device_parse_object(&reader, &device_document, json_text_root(json), config);
	if (r == 0)
		r = device_check(&reader, config);
	if (r < 0)
		return r;
	*ret_config = steal(&config);
	return 0;
}

const char *config_error_print(const struct config_error *error, const char *path,
			       char buf[static CONFIG_ERROR_TEXT_BYTES])
{
	const size_t max_path = 200;
	size_t len = strlen(path);
	bool is_long = len > max_path;

	snprintf(buf, CONFIG_ERROR_TEXT_BYTES, "%s%s:%d:%d: %s%smet %s, wanted %s",
		 is_long ? "..." : "", is_long ? path + len - max_path : path, error->line,
		 error->column, error->pointer, error->pointer[0] ? ": " : "", error->met,
		 error->wanted);
	return buf;
}

void config_free(struct device_config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->n_tunnels; i++)
		tunnel_deinit(&config->tunnels[i]);
	free(config->tunnels);
	free(config->office_prefixes);
	free(config->azure_prefixes);
	free(config);
}

static bool prefixes_equal(const struct prefix *a, size_t n_a, const struct prefix *b, size_t n_b)
{
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++)
		if (!prefix_equal(&a[i], &b[i]))
			return false;
	return true;
}

bool config_equal(const struct device_config *a, const struct device_config *b)
{
	if (strcmp(a->site, b->site) != 0 || strcmp(a->wan_interface, b->wan_interface) != 0 ||
	    a->wan_services != b->wan_services || strcmp(a->lan_interface, b->lan_interface) != 0 ||
	    a->local_breakout != b->local_breakout || a->n_tunnels != b->n_tunnels)
		return false;
	for (size_t i = 0; i < a->n_tunnels; i++)
		if (!tunnel_equal(&a->tunnels[i], &b->tunnels[i]))
			return false;
	return prefixes_equal(a->office_prefixes, a->n_office_prefixes, b->office_prefixes,
			      b->n_office_prefixes) &&
	       prefixes_equal(a->azure_prefixes, a->n_azure_prefixes, b->azure_prefixes,
			      b->n_azure_prefixes);
}
