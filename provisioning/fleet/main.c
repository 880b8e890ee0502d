/* +----------------------------------------------------------------------------------------------+
 * | fairlead-fleet: the network team's tool, on the network team's machine                       |
 * | Holds:  nothing but what its user may do                                                     |
 * | Talks:  to nobody                                                                            |
 * | Reads:  files that Azure printed                                                             |
 * | Never:  prints a shared key, writes half a result                                            |
 * +----------------------------------------------------------------------------------------------+
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "provisioning/fleet/command_import.h"

static const struct command {
	const char *name;
	const char *operands;
	const char *help;
	const struct option_row *options;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "import", "FILE...",
	  "Makes a box's configuration and secrets of what Azure printed: a connection, its\n"
	  "virtual network gateway, local network gateway, public IP address and virtual network,\n"
	  "in one JSON file or several. Findings go to standard error, one a line.",
	  command_import_options, command_import },
};

static void print_usage(FILE *out)
{
	fputs("usage: fairlead-fleet COMMAND [OPTIONS] ...\n"
	      "       fairlead-fleet --help | --version\n",
	      out);
	for (size_t i = 0; i < countof(commands); i++) {
		fprintf(out, "\nfairlead-fleet %s [OPTIONS] %s\n%s\n", commands[i].name,
			commands[i].operands, commands[i].help);
		options_print(commands[i].options, out);
	}
	fputs("\nExit status: 0 done, 1 there are findings that forbid it, 2 wrong usage.\n", out);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("fairlead-fleet %s\njansson %s\n", FAIRLEAD_VERSION, jansson_version_str());
		return 0;
	}
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0) {
			print_usage(stdout);
			return 0;
		}
	for (size_t i = 0; argc > 1 && i < countof(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	if (argc > 1)
		fprintf(stderr, "fairlead-fleet: no command %s\n", argv[1]);
	print_usage(stderr);
	return 2;
}
