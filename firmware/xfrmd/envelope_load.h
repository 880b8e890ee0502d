/* How the configuration becomes an envelope: a short-lived child without rights parses it and sends
 * fixed-size records; the parent checks each and seals the table. The parent neither parses nor
 * allocates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "xfrmd/envelope.h"

/* Loads the configuration at `path` into `ret_envelope`, which is made writable, filled, checked and
 * made read-only; on failure it holds nothing that may be used. Returns 0 or a negative errno; what
 * is wrong has been logged, once. */
__attribute__((warn_unused_result)) int envelope_load(const char *path,
						      struct envelope *ret_envelope);
