/* Log lines to standard error.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_BYTES 1280

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARN] = "warn",	  [LOG_LEVEL_NOTICE] = "notice",
	[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

/* Set once by log_open, before any thread; listed in docs/style.md. */
static const char *subsystem_name = "fairlead";
static enum log_level lowest_level = LOG_LEVEL_INFO;

void log_open(const char *subsystem, enum log_level lowest)
{
	subsystem_name = subsystem;
	lowest_level = lowest;
}

void log_line(enum log_level level, const char *format, ...)
{
	char line[LINE_BYTES];
	size_t used;
	int n;
	va_list args;

	if (level > lowest_level)
		return;
	used = (size_t)snprintf(line, sizeof(line), "%s %s: ", level_names[level], subsystem_name);
	va_start(args, format);
	n = vsnprintf(line + used, sizeof(line) - used, format, args);
	va_end(args);
	if (n < 0)
		return;
	used += (size_t)n;
	if (used > sizeof(line) - 2)
		used = sizeof(line) - 2;
	for (size_t i = 0; i < used; i++)
		if ((unsigned char)line[i] < 0x20 || (unsigned char)line[i] > 0x7e)
			line[i] = '?';
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0) {
		/* nowhere left to say so */
	}
}
