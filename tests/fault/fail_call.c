/* Runs a program and makes its n-th system call fail, counted over all its processes.
 *
 *   fail_call N LOG PROGRAM ARGUMENT...
 *
 * The call does not happen and returns ENOMEM; what comes after it is not looked at any more. LOG
 * gets the first process's number at once and at the end, if there was such a call, its place and
 * number (asm/unistd.h). Ends as PROGRAM does; 120 when it cannot trace.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_NO_TRACE 120
#define MAX_PROCESSES 64
#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

/* A traced process between the two stops of a call. */
struct process {
	pid_t pid; /* 0: free */
	bool is_in_call, is_failing;
};

struct trace {
	struct process processes[MAX_PROCESSES];
	long fail_at, n_calls;
	bool is_done;
	FILE *log;
};

static void die(const char *what)
{
	fprintf(stderr, "fail_call: %s: %s\n", what, strerror(errno));
	exit(STATUS_NO_TRACE);
}

static struct process *find(struct trace *trace, pid_t pid)
{
	struct process *unused = NULL;

	for (int i = 0; i < MAX_PROCESSES; i++) {
		if (trace->processes[i].pid == pid)
			return &trace->processes[i];
		if (!unused && trace->processes[i].pid == 0)
			unused = &trace->processes[i];
	}
	if (!unused)
		die("too many processes");
	*unused = (struct process){ .pid = pid };
	return unused;
}

static void poke(pid_t pid, int word, long value)
{
	if (ptrace(PTRACE_POKEUSER, pid, (void *)(sizeof(long) * (size_t)word), (void *)value) < 0)
		die("cannot change a register");
}

static void on_call(struct trace *trace, struct process *process)
{
	long number;

	process->is_in_call = true;
	if (++trace->n_calls != trace->fail_at)
		return;
	number = ptrace(PTRACE_PEEKUSER, process->pid, (void *)(sizeof(long) * ORIG_RAX), NULL);
	fprintf(trace->log, "%ld %ld\n", trace->n_calls, number);
	trace->is_done = number == SYS_exit_group; /* a process cannot be kept from ending */
	if (trace->is_done)
		return;
	poke(process->pid, ORIG_RAX, -1);
	process->is_failing = true;
}

static void on_return(struct trace *trace, struct process *process)
{
	process->is_in_call = false;
	if (!process->is_failing)
		return;
	poke(process->pid, RAX, -ENOMEM);
	process->is_failing = false;
	trace->is_done = true;
}

/* What a stopped process is to be told when it goes on: the signal that stopped it, if it was one.
 */
static long on_stop(struct trace *trace, struct process *process, int status)
{
	int number = WSTOPSIG(status);

	if (number == SYSCALL_STOP) {
		if (process->is_in_call)
			on_return(trace, process);
		else
			on_call(trace, process);
		return 0;
	}
	/* SIGSTOP: how a new child begins */
	return number == SIGTRAP || number == SIGSTOP ? 0 : number;
}

static int follow(struct trace *trace, pid_t first)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid <= 0)
			continue;
		if (WIFSTOPPED(status)) {
			long number = on_stop(trace, find(trace, pid), status);

			ptrace(trace->is_done ? PTRACE_DETACH : PTRACE_SYSCALL, pid, NULL,
			       (void *)number);
			continue;
		}
		find(trace, pid)->pid = 0;
		if (pid == first)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	return STATUS_NO_TRACE;
}

int main(int argc, char **argv)
{
	static struct trace trace;
	pid_t pid;
	int status;

	if (argc < 4) {
		fprintf(stderr, "usage: %s N LOG PROGRAM ARGUMENT...\n", argv[0]);
		return STATUS_NO_TRACE;
	}
	trace.fail_at = strtol(argv[1], NULL, 10);
	trace.log = fopen(argv[2], "we");
	if (!trace.log)
		die(argv[2]);
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(argv[3], argv + 3);
		die(argv[3]);
	}
	/* the stop at execve; counting begins behind it */
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   (void *)(long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE |
				  PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL)) < 0)
		die("cannot trace");
	fprintf(trace.log, "%d\n", pid);
	fflush(trace.log);
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	status = follow(&trace, pid);
	fclose(trace.log);
	return status;
}
