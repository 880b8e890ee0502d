/* Enters the rights of one daemon, those of its own main.c, and makes system calls: every number
 * that there is, those that no daemon may make, some with arguments; and opens files. Each in a
 * child.
 *
 * Prints what did not go as wanted and a last line of counts; exit status 0 only if all did.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/cleanup.h"
#include "runtime/rights_calls.h"

int daemon_main(int argc, char **argv);
#define main daemon_main
#include DAEMON_MAIN
#undef main

/* Beyond the last one of Linux 6.12, 462. */
#define MAX_NUMBER 480
/* On x86-64 uretprobe, which seccomp lets pass since 6.13 (and stable kernels before): it does
 * nothing unless the kernel itself has put it there. */
#define UNFILTERED_NUMBER 335
#define X32_BIT 0x40000000 /* x86-64's other numbering; elsewhere just no system call */
#define STATUS_NOT_ENTERED 200
#define STACK_BYTES (256 * 1024)

enum daemon { XFRMD = 1, IKED = 2, NETD = 4, NOBODY = 0, ALL = XFRMD | IKED | NETD };

struct call {
	unsigned int group;
	int number;
	int error; /* that it is answered with, or 0 */
	uint64_t mask, value;
};

#define INT_MASK UINT64_C(0xffffffff)
#define CLONE_NEW_ANY UINT64_C(0x7e020000)
static const struct call calls[] = {
#define CALL(group, name) { RIGHTS_CALLS_##group, SCMP_SYS(name), 0, 0, 0 },
#define CALL_IF(group, name, arg, mask, value)                                                     \
	{ RIGHTS_CALLS_##group, SCMP_SYS(name), 0, mask, value },
#define ANSWER(group, name, error) { RIGHTS_CALLS_##group, SCMP_SYS(name), error, 0, 0 },
#include "runtime/rights_calls.def"
};

/* clang-format off: one row a line */
static const struct {
	const char *name;
	long number;
	uint64_t args[3];
	unsigned int who; /* set of enum daemon: lives there, kills elsewhere */
} rows[] = {
	{ "a NETLINK_XFRM socket", SYS_socket, { AF_NETLINK, SOCK_RAW, NETLINK_XFRM }, XFRMD },
	{ "a NETLINK_ROUTE socket",
	  SYS_socket,
	  { AF_NETLINK, SOCK_RAW, NETLINK_ROUTE },
	  XFRMD | IKED },
	{ "a NETLINK_NETFILTER socket",
	  SYS_socket,
	  { AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER },
	  NETD },
	{ "a socket of PF_KEY", SYS_socket, { AF_KEY, SOCK_RAW, 2 }, NOBODY },
	{ "a packet socket", SYS_socket, { AF_PACKET, SOCK_RAW, 0 }, NOBODY },
	{ "a raw socket", SYS_socket, { AF_INET, SOCK_RAW, IPPROTO_ESP }, NOBODY },
	{ "a TCP socket", SYS_socket, { AF_INET, SOCK_STREAM, 0 }, NOBODY },
	{ "encapsulation of a socket", SYS_setsockopt, { 0, IPPROTO_UDP, 100 }, XFRMD },
	{ "a filter on a socket", SYS_setsockopt, { 0, SOL_SOCKET, SO_ATTACH_FILTER }, NOBODY },
	{ "IPsec off for a socket", SYS_setsockopt, { 0, IPPROTO_IP, IP_XFRM_POLICY }, NOBODY },
	{ "a thread, which fails for want of more flags", SYS_clone, { CLONE_THREAD }, IKED },
	{ "a process in another user namespace", SYS_clone, { CLONE_NEWUSER }, NOBODY },
	{ "a program", SYS_execve, { 0 }, NETD },
	{ "dumpable again", SYS_prctl, { PR_SET_DUMPABLE, 1, 0 }, NOBODY },
};

/* What no daemon may do, whatever the tables come to hold. */
static const long never[] = {
	SYS_add_key,
	SYS_adjtimex,
	SYS_bpf,
	SYS_chroot,
	SYS_clock_settime,
	SYS_delete_module,
	SYS_execveat,
	SYS_finit_module,
	SYS_fsopen,
	SYS_init_module,
	SYS_io_uring_setup,
	SYS_kexec_load,
	SYS_keyctl,
	SYS_linkat,
	SYS_mknodat,
	SYS_mount,
	SYS_move_mount,
	SYS_open_by_handle_at,
	SYS_perf_event_open,
	SYS_personality,
	SYS_pivot_root,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_ptrace,
	SYS_reboot,
	SYS_renameat2,
	SYS_request_key,
	SYS_setgid,
	SYS_sethostname,
	SYS_setns,
	SYS_setuid,
	SYS_swapon,
	SYS_symlinkat,
	SYS_truncate,
	SYS_umount2,
	SYS_unshare,
	SYS_userfaultfd,
};

static const struct {
	const char *path;
	int flags;
	unsigned int who; /* set of enum daemon that may; EACCES for others */
} opens[] = {
	{ "/etc/passwd", O_RDONLY, NOBODY },
	{ "/etc/group", O_RDONLY, XFRMD | IKED },
	{ "/etc/fairlead/config.json", O_RDONLY, ALL },
	{ "/etc/fairlead/config.json", O_WRONLY, NOBODY },
	{ "/proc/self/status", O_RDONLY, NOBODY },
	{ "/proc/sys/net/ipv4/ip_forward", O_RDONLY, NETD },
	{ "/dev/null", O_RDWR, NOBODY },
	{ "/tmp/new", O_WRONLY | O_CREAT, NOBODY },
	{ "/run/fairlead/iked/new", O_WRONLY | O_CREAT, NOBODY },
	{ "/run/fairlead/xfrmd/new", O_WRONLY | O_CREAT, NOBODY },
};
/* clang-format on */

struct result {
	bool is_killed;
	int error; /* of one that lives, where it returned */
};

static struct { /* counts */
	int live, answered, kill, wrong;
} probe;

struct probe_job {
	long number;
	const uint64_t *args;
};

static int probe_enter_and_call(void *context)
{
	/* some of those that live would wait for ever */
	const struct itimerval soon = { .it_value.tv_sec = 1 };
	static const char *const files[] = { "/etc/fairlead/config.json", NULL };
	const struct probe_job *job = context;

	setitimer(ITIMER_REAL, &soon, NULL);
	if (rights_enter(&rights, files) < 0)
		return STATUS_NOT_ENTERED;
	return syscall(job->number, job->args[0], job->args[1], job->args[2], 0, 0, 0) < 0 ? errno
											   : 0;
}

/* In a process of its own that borrows our memory, as vfork's does: a copy of the memory for each
 * of some 1,500 processes would take the guest a minute. */
static struct result probe_call(long number, const uint64_t args[3])
{
	static char stack[STACK_BYTES] __attribute__((aligned(16)));
	struct probe_job job = { number, args };
	pid_t pid = clone(probe_enter_and_call, stack + sizeof(stack),
			  CLONE_VM | CLONE_VFORK | SIGCHLD, &job);
	int status = -1;

	if (pid < 0 || waitpid(pid, &status, 0) != pid ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NOT_ENTERED)) {
		printf("the rights cannot be entered\n");
		exit(2);
	}
	return (struct result){ .is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
				.error = WIFEXITED(status) ? WEXITSTATUS(status) : 0 };
}

static void probe_judge(bool is_as_wanted, const char *what, long number, struct result result)
{
	if (is_as_wanted)
		return;
	probe.wrong++;
	printf("%s (call %ld): %s, error %d\n", what, number, result.is_killed ? "killed" : "lives",
	       result.error);
}

/* The row that speaks of a call whose arguments are all 0, or NULL. */
static const struct call *probe_find(long number)
{
	unsigned int groups = RIGHTS_CALLS_EVERYWHERE | RIGHTS_CALLS_BASE | rights.calls;

	for (size_t i = 0; i < countof(calls); i++)
		if (calls[i].number == number && (calls[i].group & groups) &&
		    (calls[i].mask == 0 || calls[i].value == 0))
			return &calls[i];
	return NULL;
}

static void probe_number(long number)
{
	struct result result = probe_call(number, (const uint64_t[3]){ 0 });
	const struct call *call = probe_find(number);

	if (!call)
		probe.kill++;
	else if (call->error)
		probe.answered++;
	else
		probe.live++;
	probe_judge(result.is_killed == !call &&
			    (!call || !call->error || result.error == call->error),
		    "a number", number, result);
}

int main(void)
{
	for (long number = 0; number <= MAX_NUMBER; number++)
		if (number != UNFILTERED_NUMBER)
			probe_number(number);
	probe_number(SYS_getpid | X32_BIT);
	for (size_t i = 0; i < countof(never); i++) {
		struct result result = probe_call(never[i], (const uint64_t[3]){ 0 });

		probe_judge(result.is_killed, "what no daemon may do", never[i], result);
	}
	for (size_t i = 0; i < countof(rows); i++) {
		struct result result = probe_call(rows[i].number, rows[i].args);

		probe_judge(result.is_killed == !(rows[i].who & DAEMON), rows[i].name,
			    rows[i].number, result);
	}
	for (size_t i = 0; i < countof(opens); i++) {
		const uint64_t args[3] = { (uint64_t)AT_FDCWD, (uintptr_t)opens[i].path,
					   (uint64_t)opens[i].flags };
		struct result result = probe_call(SYS_openat, args);

		probe_judge(!result.is_killed &&
				    result.error == (opens[i].who & DAEMON ? 0 : EACCES),
			    opens[i].path, SYS_openat, result);
	}
	printf("calls that live: %d, are answered: %d, kill: %d; not as wanted: %d\n", probe.live,
	       probe.answered, probe.kill, probe.wrong);
	return probe.wrong ? 1 : 0;
}
