/* Runs a row of document.h: the spoilt document must bring its error, and nothing else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <errno.h>

#include "config/device.h"
#include "document.h"

static void brings_its_error(void **state)
{
	const struct spoilt *row = *state;
	struct device_config *config = NULL;
	struct config_error error = { 0 };
	size_t len;
	char *text = spoil_document(row->after, row->from, row->to, &len);
	int r = config_parse(text, len, &config, &error);

	if (r != -EBADMSG)
		fail_msg("parses, or %d", r);
	assert_null(config);
	if (error.line != row->line || strcmp(error.pointer, row->pointer) != 0 ||
	    strcmp(error.met, row->met) != 0 || !strstr(error.wanted, row->wanted))
		fail_msg("%d:%d: %s: met %s, wanted %s", error.line, error.column, error.pointer,
			 error.met, error.wanted);
	free(text);
}
