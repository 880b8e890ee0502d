/* A configuration and its keys for tests that also see libcharon, whose names and those of config/
 * do not go into one file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

struct device_config;
struct secrets;

#define SAMPLE_GATEWAY "198.51.100.10"
#define SAMPLE_LOCAL_ID "203.0.113.7"

/* One tunnel "cn-branch7" with if_id 3, a child "any" with reqid 7, Azure's default suites. */
const struct device_config *sample_config(void);
/* Its key; or none at all. */
const struct secrets *sample_secrets(void);
const struct secrets *sample_no_secrets(void);
