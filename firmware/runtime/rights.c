/* The rights of a process, narrowed for good.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/rights.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <seccomp.h>

#include "base/cleanup.h"
#include "base/log.h"

#define INT_MASK                                                                                   \
	UINT64_C(0xffffffff) /* the kernel looks at the low half of an int argument only           \
			      */

static void cleanup_cap(cap_t *caps)
{
	cap_free(*caps);
}

static void cleanup_cap_name(char **name)
{
	cap_free(*name);
}

static void cleanup_seccomp(scmp_filter_ctx *filter)
{
	seccomp_release(*filter);
}

#define _cleanup_cap_ _cleanup_(cleanup_cap)
#define _cleanup_seccomp_ _cleanup_(cleanup_seccomp)

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
	_cleanup_cap_ cap_t kept = cap_init();

	if (!kept)
		return -errno;
	for (const struct rights_capability *row = rights->capabilities; row->why; row++) {
		cap_set_flag(kept, CAP_PERMITTED, 1, &row->capability, CAP_SET);
		cap_set_flag(kept, CAP_EFFECTIVE, 1, &row->capability, CAP_SET);
		if (rights->may_exec)
			cap_set_flag(kept, CAP_INHERITABLE, 1, &row->capability, CAP_SET);
	}
	if (!rights->may_exec && cap_reset_ambient() < 0)
		return -errno;
	return cap_set_proc(kept) < 0 ? -errno : 0;
}

static int deny_socket(scmp_filter_ctx filter, int family, int protocol)
{
	if (protocol < 0)
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
					SCMP_A0(SCMP_CMP_MASKED_EQ, INT_MASK, (uint64_t)family));
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 2,
				SCMP_A0(SCMP_CMP_MASKED_EQ, INT_MASK, (uint64_t)family),
				SCMP_A2(SCMP_CMP_MASKED_EQ, INT_MASK, (uint64_t)protocol));
}

/* Options of a socket that another process shares: they would outlive whoever sets them. */
static int deny_shared_options(scmp_filter_ctx filter)
{
	static const int filters[] = { SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_LOCK_FILTER,
				       SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_REUSEPORT_EBPF };
	int rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(shutdown), 0);

	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setsockopt), 1,
				      SCMP_A1(SCMP_CMP_MASKED_EQ, INT_MASK, IPPROTO_UDP));
	for (size_t i = 0; rc == 0 && i < countof(filters); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setsockopt), 2,
				      SCMP_A1(SCMP_CMP_MASKED_EQ, INT_MASK, SOL_SOCKET),
				      SCMP_A2(SCMP_CMP_MASKED_EQ, INT_MASK, (uint64_t)filters[i]));
	return rc;
}

static int deny_calls(const struct rights *rights)
{
	_cleanup_seccomp_ scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc;

	if (!filter)
		return -ENOMEM;
	/* a ring opens sockets and reads files without any system call that a filter sees */
	rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(io_uring_setup), 0);
	if (rc == 0 && !rights->may_use_netlink_xfrm)
		rc = deny_socket(filter, AF_NETLINK, NETLINK_XFRM);
	if (rc == 0 && !rights->may_use_netlink_xfrm)
		rc = deny_socket(filter, AF_KEY, -1);
	if (rc == 0 && !rights->may_use_netlink_xfrm)
		rc = deny_shared_options(filter);
	if (rc == 0 && !rights->may_exec)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execve), 0);
	if (rc == 0 && !rights->may_exec)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execveat), 0);
	return rc < 0 ? rc : seccomp_load(filter);
}

int rights_enter(const struct rights *rights)
{
	const struct rights_capability *missing = find_missing(rights);
	int rc;

	if (missing) {
		_cleanup_(cleanup_cap_name) char *name = cap_to_name(missing->capability);

		log_error("started without %s, needed to %s", name ? name : "a capability",
			  missing->why);
		return -EPERM;
	}
	rc = drop_bounding(rights);
	if (rc < 0) {
		log_error("cannot drop the bounding set: %s", strerror(-rc));
		return rc;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
		rc = -errno;
		log_error("cannot give up new rights and core dumps: %s", strerror(-rc));
		return rc;
	}
	rc = keep_capabilities(rights);
	if (rc < 0) {
		log_error("cannot drop capabilities: %s", strerror(-rc));
		return rc;
	}
	rc = deny_calls(rights);
	if (rc < 0)
		log_error("cannot load the system call filter: %s", strerror(-rc));
	return rc;
}

int rights_enter_computing(void)
{
	static const int allowed[] = {
		SCMP_SYS(brk),	   SCMP_SYS(mmap),	 SCMP_SYS(munmap),	SCMP_SYS(mremap),
		SCMP_SYS(madvise), SCMP_SYS(write),	 SCMP_SYS(close),	SCMP_SYS(futex),
		SCMP_SYS(exit),	   SCMP_SYS(exit_group), SCMP_SYS(sigaltstack), /* AddressSanitizer,
										   on its way out */
	};
	_cleanup_seccomp_ scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	_cleanup_cap_ cap_t none = cap_init();

	if (!filter || !none)
		return -ENOMEM;
	if (cap_reset_ambient() < 0 || cap_set_proc(none) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	for (size_t i = 0; i < countof(allowed); i++) {
		int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);

		if (rc < 0)
			return rc;
	}
	return seccomp_load(filter);
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
