/* fairlead: what the box does, for people and for programs.
 *
 *   Holds   nothing; who may ask is decided by the group of the daemons' sockets.
 *   Talks   to iked and xfrmd, on their read-only status sockets.
 *   Reads   nothing else.
 *   Never   changes anything.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/report.h"
#include "ctl/report_print.h"

enum exit_status { EXIT_UP = 0, EXIT_NOT_UP = 1, EXIT_USAGE = 2, EXIT_NOT_ASKED = 3 };

struct arguments {
	bool is_json;
	const char *run_dir;
};

struct command {
	const char *name;
	const char *options; /* as in the usage */
	const char *text;
	int (*run)(const struct arguments *arguments);
};

static int run_status(const struct arguments *arguments)
{
	_cleanup_(report_deinit) struct report report = { 0 };
	bool is_coloured = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

	if (report_init(arguments->run_dir, &report) < 0) {
		fputs("fairlead: out of memory\n", stderr);
		return EXIT_NOT_ASKED;
	}
	if (arguments->is_json)
		report_print_json(&report, stdout);
	else
		report_print_text(&report, is_coloured, stdout);
	if (fflush(stdout)) {
		fprintf(stderr, "fairlead: cannot write: %s\n", strerror(errno));
		return EXIT_NOT_ASKED;
	}
	if (report.iked_error || report.xfrmd_error)
		return EXIT_NOT_ASKED;
	return report.n_tunnels && report.n_up == report.n_tunnels ? EXIT_UP : EXIT_NOT_UP;
}

static int run_version(const struct arguments *arguments)
{
	(void)arguments;
	puts("fairlead " FAIRLEAD_VERSION);
	return EXIT_SUCCESS;
}

static const struct command commands[] = {
	{ "status", "[--json]", "each tunnel, rung by rung: where it stops, why, what to do",
	  run_status },
	{ "version", "", "the version of this program", run_version },
};

static void usage(FILE *out)
{
	fputs("usage: fairlead COMMAND [OPTION]...\n\n", out);
	for (size_t i = 0; i < countof(commands); i++)
		fprintf(out, "  %-8s %-9s %s\n", commands[i].name, commands[i].options,
			commands[i].text);
	fputs("\n  --json         the same as one JSON object\n"
	      "  --run-dir DIR  where the daemons' sockets are (" STATUS_RUN_DIR ")\n"
	      "\nexit status: 0 all tunnels are up, 1 some are not, 2 wrong usage,\n"
	      "3 a daemon cannot be asked\n",
	      out);
}

static int refuse(const char *sentence, const char *what)
{
	fprintf(stderr, "fairlead: %s '%s'\n\n", sentence, what);
	usage(stderr);
	return EXIT_USAGE;
}

int main(int argc, char *argv[])
{
	struct arguments arguments = { .run_dir = STATUS_RUN_DIR };
	const struct command *command = NULL;

	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < countof(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			command = &commands[i];
	if (!strcmp(argv[1], "--version"))
		return run_version(NULL);
	if (!command)
		return refuse("no such command", argv[1]);
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			arguments.is_json = true;
		else if (!strcmp(argv[i], "--run-dir") && i + 1 < argc)
			arguments.run_dir = argv[++i];
		else
			return refuse("no such option", argv[i]);
	}
	return command->run(&arguments);
}
