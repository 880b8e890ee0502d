/* What fuzz targets of config demand, also in builds without assert.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/device.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static inline void require_printable(const char *text, size_t size)
{
	require(strnlen(text, size) < size);
	for (; *text; text++)
		require(*text >= 0x20 && *text <= 0x7e);
}

/* An error is whole: it names a place within the text, what was met and what would be right. */
static inline void require_error(const struct config_error *error, const uint8_t *data, size_t size)
{
	int n_lines = 1;

	for (size_t i = 0; i < size; i++)
		n_lines += data[i] == '\n';
	require(error->line >= 1 && error->line <= n_lines);
	require(error->column >= 1 && (size_t)error->column <= size + 1);
	require_printable(error->pointer, sizeof(error->pointer));
	require_printable(error->met, sizeof(error->met));
	require_printable(error->wanted, sizeof(error->wanted));
	require(error->met[0] && error->wanted[0]);
	require(!error->pointer[0] || error->pointer[0] == '/');
}
