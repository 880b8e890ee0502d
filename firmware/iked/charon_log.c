/* libcharon's words into our log.
 *
 * What an operator should know is said by charon_events.c in our words; libcharon's own lines are
 * for whoever searches a fault, hence debug. Its build leaves out every level that prints keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include "base/log.h"

#define MAX_LINE_BYTES 800

METHOD(logger_t, log_, void, logger_t *this, debug_t group, level_t level, int thread,
       ike_sa_t *ike_sa, const char *message)
{
	char name[MAX_NAME_BYTES + 16] = "none";

	if (ike_sa && ike_sa->get_peer_cfg(ike_sa))
		snprintf(name, sizeof(name), "%s", ike_sa->get_name(ike_sa));
	log_debug("libcharon: %s group=%s thread=%d tunnel=%s ike=%u", message,
		  enum_to_name(debug_names, group), thread, name,
		  ike_sa ? ike_sa->get_unique_id(ike_sa) : 0);
}

METHOD(logger_t, get_level, level_t, logger_t *this, debug_t group)
{
	return LEVEL_CTRL;
}

void charon_log_early(debug_t group, level_t level, char *format, ...)
{
	char line[MAX_LINE_BYTES];
	va_list args;

	if (level > LEVEL_CTRL)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log_debug("libstrongswan: %s", line);
}

logger_t *charon_log_create(void)
{
	logger_t *this;

	INIT(this, .log = _log_, .get_level = _get_level);
	return this;
}
