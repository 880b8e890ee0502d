/* Log lines: level, subsystem, sentence, key=value. To standard error, where the service
 * supervisor takes them.
 *
 *   notice xfrmd: tunnel is closed until its first SA tunnel=cn-branch7 if_id=1
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

/* What each level means stands in docs/style.md. */
enum log_level {
	LOG_LEVEL_ERROR,  /* somebody must act, or the program ends */
	LOG_LEVEL_WARN,	  /* something is refused or wrong, the program goes on */
	LOG_LEVEL_NOTICE, /* an event that an operator wants to know (event.h) */
	LOG_LEVEL_INFO,	  /* what the program does, seldom more than once a minute */
	LOG_LEVEL_DEBUG,  /* off unless asked for */
};

/* Names the program in its lines and sets the lowest level that is printed. The name must outlive
 * the program. Called once, first in main. */
void log_open(const char *subsystem, enum log_level lowest);

/* One line in one write(2), so that lines of several threads do not mix. At most 1,023 bytes;
 * all but printable ASCII is printed as '?', so that foreign text can neither forge lines nor steer
 * a terminal. */
__attribute__((format(printf, 2, 3))) void log_line(enum log_level level, const char *format, ...);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_notice(...) log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
