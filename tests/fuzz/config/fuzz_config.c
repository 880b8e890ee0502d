/* The device configuration: what parses prints to a text that parses to an equal one, and prints
 * the same again; what does not parse brings a whole error.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/device.h"

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct device_config *config, *again;
	char *printed, *printed_again;
	struct config_error error;
	int r;

	memset(&error, 0xff, sizeof(error));
	r = config_parse((const char *)data, size, &config, &error);
	if (r < 0) {
		require(r == -EBADMSG);
		require_error(&error, data, size);
		return 0;
	}
	printed = config_print(config);
	require(printed);
	require(config_parse(printed, strlen(printed), &again, &error) == 0);
	require(config_equal(config, again));
	printed_again = config_print(again);
	require(printed_again && strcmp(printed, printed_again) == 0);
	free(printed_again);
	free(printed);
	config_free(again);
	config_free(config);
	return 0;
}
