/* The rights of a process, narrowed for good.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/rights.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "runtime/rights_calls.h"
#include "runtime/rights_paths.h"

static void cleanup_cap(cap_t *caps)
{
	cap_free(*caps);
}

static void cleanup_cap_name(char **name)
{
	cap_free(*name);
}

#define _cleanup_cap_ _cleanup_(cleanup_cap)

static bool is_in_table(const struct rights *rights, cap_value_t capability)
{
	for (const struct rights_capability *row = rights->capabilities; row->why; row++)
		if (row->capability == capability)
			return true;
	return false;
}

/* Without CAP_SETPCAP the bounding set stays as it is; no_new_privs then keeps execve from making
 * use of it (capabilities(7)). */
static int drop_bounding(const struct rights *rights)
{
	_cleanup_cap_ cap_t now = cap_get_proc();
	cap_flag_value_t may_drop = CAP_CLEAR;

	if (!now || cap_get_flag(now, CAP_SETPCAP, CAP_EFFECTIVE, &may_drop) < 0)
		return -errno;
	if (may_drop != CAP_SET)
		return 0;
	for (cap_value_t capability = 0; cap_get_bound(capability) >= 0; capability++)
		if (!is_in_table(rights, capability) && cap_drop_bound(capability) < 0)
			return -errno;
	return 0;
}

static const struct rights_capability *find_missing(const struct rights *rights)
{
	_cleanup_cap_ cap_t now = cap_get_proc();

	for (const struct rights_capability *row = rights->capabilities; row->why; row++) {
		cap_flag_value_t is_permitted = CAP_CLEAR;

		if (!now || cap_get_flag(now, row->capability, CAP_PERMITTED, &is_permitted) < 0 ||
		    is_permitted != CAP_SET)
			return row;
	}
	return NULL;
}

/* Leaves the table's capabilities in permitted and effective; in inheritable too, and thereby in
 * ambient, when helpers are started. */
static int keep_capabilities(const struct rights *rights)
{
	bool has_programs = (rights->calls & RIGHTS_CALLS_PROGRAM) != 0;
	_cleanup_cap_ cap_t kept = cap_init();

	if (!kept)
		return -errno;
	for (const struct rights_capability *row = rights->capabilities; row->why; row++) {
		cap_set_flag(kept, CAP_PERMITTED, 1, &row->capability, CAP_SET);
		cap_set_flag(kept, CAP_EFFECTIVE, 1, &row->capability, CAP_SET);
		if (has_programs)
			cap_set_flag(kept, CAP_INHERITABLE, 1, &row->capability, CAP_SET);
	}
	if (!has_programs && cap_reset_ambient() < 0)
		return -errno;
	return cap_set_proc(kept) < 0 ? -errno : 0;
}

/* seccomp comes last: it would deny what the others need. */
static int narrow(const struct rights *rights, const char *const files[], const char **ret_step)
{
	int rc;

	*ret_step = "drop the bounding set";
	rc = drop_bounding(rights);
	if (rc < 0)
		return rc;
	*ret_step = "give up new rights and core dumps";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	*ret_step = "drop capabilities";
	rc = keep_capabilities(rights);
	if (rc < 0)
		return rc;
	*ret_step = "give up other files";
	rc = rights_paths_enter(rights->paths, files);
	if (rc < 0)
		return rc;
	*ret_step = "load the system call filter";
	return rights_calls_enter(RIGHTS_CALLS_EVERYWHERE | RIGHTS_CALLS_BASE | rights->calls,
				  rights->sockets, rights->options);
}

int rights_enter(const struct rights *rights, const char *const files[])
{
	const struct rights_capability *missing = find_missing(rights);
	const char *step = "";
	int rc;

	if (missing) {
		_cleanup_(cleanup_cap_name) char *name = cap_to_name(missing->capability);

		log_error("started without %s, needed to %s", name ? name : "a capability",
			  missing->why);
		return -EPERM;
	}
	rc = narrow(rights, files, &step);
	if (rc < 0)
		log_error("cannot %s: %s", step, strerror(-rc));
	return rc;
}

int rights_enter_computing(void)
{
	_cleanup_cap_ cap_t none = cap_init();

	if (!none)
		return -ENOMEM;
	if (cap_reset_ambient() < 0 || cap_set_proc(none) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return rights_calls_enter(RIGHTS_CALLS_EVERYWHERE | RIGHTS_CALLS_COMPUTING, NULL, NULL);
}

int rights_drop(cap_value_t capability)
{
	_cleanup_cap_ cap_t caps = cap_get_proc();

	if (!caps || cap_set_flag(caps, CAP_EFFECTIVE, 1, &capability, CAP_CLEAR) < 0 ||
	    cap_set_flag(caps, CAP_PERMITTED, 1, &capability, CAP_CLEAR) < 0 ||
	    cap_set_flag(caps, CAP_INHERITABLE, 1, &capability, CAP_CLEAR) < 0 ||
	    cap_set_proc(caps) < 0)
		return -errno;
	return 0;
}
