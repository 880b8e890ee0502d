/* From a site to what a box runs: the device configuration and its secrets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "config/device.h"
#include "config/secrets.h"
#include "provisioning/fleet/site.h"

/* Translates a joined site. `wan` and `lan` name the box's interfaces. Returns 0 and objects that
 * the caller frees with config_free and secrets_free, -ENAMETOOLONG when a name does not fit, or
 * -ENOMEM. What else a box would refuse, config_parse finds in the print of it. */
__attribute__((warn_unused_result)) int translate_site(const struct site *site, const char *wan,
						       const char *lan,
						       struct device_config **ret_config,
						       struct secrets **ret_secrets);
