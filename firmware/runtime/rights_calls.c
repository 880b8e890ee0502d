/* System calls, allowed by table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/rights_calls.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <seccomp.h>

#include "base/cleanup.h"

/* The kernel looks at the low half of an int argument only. */
#define INT_MASK UINT64_C(0xffffffff)
#define TYPE_MASK UINT64_C(0xf) /* SOCK_TYPE_MASK of linux/net.h: the rest are flags */

/* Flags of clone that make namespaces. */
#define CLONE_NEW_ANY                                                                              \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)

/* What a tracer skips comes to the filter as this number; the kernel has no such call. The fault
 * run lets calls fail so. */
#define SKIPPED_CALL (-1)

struct call {
	unsigned int group;
	int number;
	uint32_t action;
	unsigned int arg;
	uint64_t mask; /* 0: whatever the arguments are */
	uint64_t value;
};

static const struct call calls[] = {
#define CALL(group, name) { RIGHTS_CALLS_##group, SCMP_SYS(name), SCMP_ACT_ALLOW, 0, 0, 0 },
#define CALL_IF(group, name, arg, mask, value)                                                     \
	{ RIGHTS_CALLS_##group, SCMP_SYS(name), SCMP_ACT_ALLOW, arg, mask, value },
#define ANSWER(group, name, error)                                                                 \
	{ RIGHTS_CALLS_##group, SCMP_SYS(name), SCMP_ACT_ERRNO(error), 0, 0, 0 },
#include "runtime/rights_calls.def"
	{ RIGHTS_CALLS_CORE, SKIPPED_CALL, SCMP_ACT_ALLOW, 0, 0, 0 },
};

static void cleanup_seccomp(scmp_filter_ctx *filter)
{
	seccomp_release(*filter);
}

#define _cleanup_seccomp_ _cleanup_(cleanup_seccomp)

static struct scmp_arg_cmp has(unsigned int arg, uint64_t mask, uint64_t value)
{
	return SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, mask, value);
}

static int add_calls(scmp_filter_ctx filter, unsigned int groups)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < countof(calls); i++) {
		const struct call *call = &calls[i];
		struct scmp_arg_cmp condition = has(call->arg, call->mask, call->value);

		if (call->group & groups)
			rc = seccomp_rule_add_array(filter, call->action, call->number,
						    call->mask != 0, &condition);
	}
	return rc;
}

static int add_sockets(scmp_filter_ctx filter, const struct rights_socket *row)
{
	int rc = 0;

	for (; rc == 0 && row && row->why; row++) {
		struct scmp_arg_cmp conditions[3] = { has(0, INT_MASK, (uint64_t)row->family) };
		unsigned int n = 1;

		if (row->type != RIGHTS_ANY)
			conditions[n++] = has(1, TYPE_MASK, (uint64_t)row->type);
		if (row->protocol != RIGHTS_ANY)
			conditions[n++] = has(2, INT_MASK, (uint64_t)row->protocol);
		rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), n,
					    conditions);
	}
	return rc;
}

static int add_options(scmp_filter_ctx filter, const struct rights_option *row)
{
	int rc = 0;

	for (; rc == 0 && row && row->why; row++) {
		const struct scmp_arg_cmp conditions[] = {
			has(1, INT_MASK, (uint64_t)row->level),
			has(2, INT_MASK, (uint64_t)row->name),
		};

		rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt),
					    countof(conditions), conditions);
	}
	return rc;
}

int rights_calls_enter(unsigned int groups, const struct rights_socket *sockets,
		       const struct rights_option *options)
{
	_cleanup_seccomp_ scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc;

	if (!filter)
		return -ENOMEM;
	/* calls of another architecture, too, end the process and not just the thread */
	rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_API_TSKIP, 1);
	if (rc == 0)
		rc = add_calls(filter, groups);
	if (rc == 0)
		rc = add_sockets(filter, sockets);
	if (rc == 0)
		rc = add_options(filter, options);
	return rc < 0 ? rc : seccomp_load(filter);
}
