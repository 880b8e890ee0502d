/* `fairlead-fleet import`: files in, files out.
 *
 * Findings go to standard error. Standard output has the configuration (--output -), or one line
 * about what was written; never a secret.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/command_import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "config/device.h"
#include "provisioning/fleet/import.h"
#include "provisioning/fleet/output.h"

struct arguments {
	struct import_options import;
	const char *output;
	bool is_json;
};

/* Files in memory; they may hold keys. */
struct inputs {
	size_t n;
	struct import_text *texts; /* owned, and wiped */
};

static void inputs_deinit(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->n; i++) {
		secret_wipe_bytes((char *)inputs->texts[i].bytes, inputs->texts[i].len);
		free((char *)inputs->texts[i].bytes);
	}
	free(inputs->texts);
}

static bool take_name(const char *text, size_t max_len, const char **ret_name,
		      char why_not[static MAX_SENTENCE_BYTES])
{
	if (!tunnel_name_is_valid(text) || strlen(text) > max_len) {
		snprintf(why_not, MAX_SENTENCE_BYTES,
			 "1 to %zu of A-Z a-z 0-9 . _ -, the first a letter or digit", max_len);
		return false;
	}
	*ret_name = text;
	return true;
}

static bool set_site(void *options, const char *text, char why_not[static MAX_SENTENCE_BYTES])
{
	struct arguments *arguments = options;

	return take_name(text, MAX_NAME_BYTES - 1, &arguments->import.site.site, why_not);
}

static bool set_connection(void *options, const char *text, char why_not[static MAX_SENTENCE_BYTES])
{
	struct arguments *arguments = options;

	return take_name(text, MAX_NAME_BYTES - 1, &arguments->import.site.connection, why_not);
}

static bool set_wan(void *options, const char *text, char why_not[static MAX_SENTENCE_BYTES])
{
	struct arguments *arguments = options;

	return take_name(text, MAX_IFNAME_BYTES - 1, &arguments->import.wan, why_not);
}

static bool set_lan(void *options, const char *text, char why_not[static MAX_SENTENCE_BYTES])
{
	struct arguments *arguments = options;

	return take_name(text, MAX_IFNAME_BYTES - 1, &arguments->import.lan, why_not);
}

/* Prefixes of the command line have no place in a file, so what is wrong with them is said here. */
static bool set_azure_prefix(void *options, const char *text,
			     char why_not[static MAX_SENTENCE_BYTES])
{
	struct site_options *site = &((struct arguments *)options)->import.site;
	char buf[PREFIX_TEXT_BYTES];
	struct prefix prefix;
	int r = prefix_parse(text, &prefix);

	why_not[0] = '\0';
	if (r == -EDOM)
		snprintf(why_not, MAX_SENTENCE_BYTES, "host bits are set; %s is right",
			 prefix_print(&prefix, buf));
	else if (r < 0 || !addr_is_host(&prefix.addr))
		snprintf(why_not, MAX_SENTENCE_BYTES, "a prefix such as 10.50.0.0/16 is needed");
	else if (site->n_azure_prefixes == MAX_PREFIXES)
		snprintf(why_not, MAX_SENTENCE_BYTES, "at most %d are possible", MAX_PREFIXES);
	for (size_t i = 0; !why_not[0] && i < site->n_azure_prefixes; i++)
		if (prefix_overlaps(&site->azure_prefixes[i], &prefix))
			snprintf(why_not, MAX_SENTENCE_BYTES, "it overlaps %s, given before",
				 prefix_print(&site->azure_prefixes[i], buf));
	if (why_not[0])
		return false;
	site->azure_prefixes[site->n_azure_prefixes++] = prefix;
	return true;
}

static bool set_local_id(void *options, const char *text, char why_not[static MAX_SENTENCE_BYTES])
{
	struct addr addr;

	if (addr_parse(text, &addr) < 0 || addr.family != ADDR_FAMILY_IPV4 ||
	    !addr_is_host(&addr)) {
		snprintf(why_not, MAX_SENTENCE_BYTES, "the IPv4 address of a host is needed");
		return false;
	}
	((struct arguments *)options)->import.site.local_id = addr;
	return true;
}

/* clang-format off */
#define FIELD(member) offsetof(struct arguments, member)
const struct option_row command_import_options[] = {
	{ "output", "DIR", "where to write config.json and secrets.json; -, the default,\n"
	  "prints the configuration, and never secrets", FIELD(output), NULL },
	{ "site", "NAME", "name of the office (default: that of the local network gateway);\n"
	  "chooses it when the files hold several", 0, set_site },
	{ "connection", "NAME", "the connection, when the files hold several", 0,
	  set_connection },
	{ "azure-prefix", "PREFIX", "a prefix of Azure's, in place of or beside virtual networks;\n"
	  "may be given often", 0, set_azure_prefix },
	{ "local-id", "ADDRESS", "the office's public address, in place of the local network\n"
	  "gateway's", 0, set_local_id },
	{ "wan-interface", "NAME", "the box's interface to the internet (default: wan0)",
	  0, set_wan },
	{ "lan-interface", "NAME", "the box's interface to the office (default: lan0)",
	  0, set_lan },
	{ "json", NULL, "findings as JSON, one object a line", FIELD(is_json), NULL },
	{ NULL, NULL, NULL, 0, NULL },
};
#undef FIELD
/* clang-format on */

/* A file that cannot be read is a finding like any other. */
static void read_input(const char *path, size_t number, struct inputs *inputs,
		       struct findings *findings)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct finding_place place = {
		.file = number, .path = path, .line = 1, .column = 1, .pointer = ""
	};
	struct import_text *text = &inputs->texts[inputs->n];
	char *bytes;
	int r = config_read_file(is_stdin ? "/dev/stdin" : path, MAX_AZURE_FILE_BYTES, false,
				 &bytes, &text->len);

	if (r < 0) {
		finding_add(findings, FINDING_ERROR, &place, NULL, "the file cannot be read: %s",
			    r == -EFBIG ? "it has more than 32 MiB" : strerror(-r));
		return;
	}
	text->path = path;
	text->bytes = bytes;
	inputs->n++;
}

static int write_result(const struct arguments *arguments, const struct import_result *result)
{
	const char *culprit;
	int r;

	if (strcmp(arguments->output, "-") == 0) {
		if (fputs(result->config, stdout) >= 0 && fflush(stdout) == 0)
			return 0;
		perror("fairlead-fleet: standard output");
		return 1;
	}
	r = output_write(arguments->output, result->config, result->secrets, &culprit);
	if (r < 0) {
		fprintf(stderr, "fairlead-fleet: %s%s%s: %s; nothing was written\n",
			arguments->output, culprit == arguments->output ? "" : "/",
			culprit == arguments->output ? "" : culprit, strerror(-r));
		return 1;
	}
	if (!arguments->is_json)
		printf("%s: %s/%s and %s/%s written\n", result->summary, arguments->output,
		       OUTPUT_CONFIG, arguments->output, OUTPUT_SECRETS);
	return 0;
}

static int run(const struct arguments *arguments, int n, char **paths)
{
	_cleanup_(findings_deinit) struct findings findings = { 0 };
	_cleanup_(import_result_deinit) struct import_result result = { 0 };
	_cleanup_(inputs_deinit) struct inputs inputs = {
		.texts = calloc((size_t)n, sizeof(*inputs.texts)),
	};
	int r = inputs.texts ? 0 : -ENOMEM;

	for (int i = 0; i < n && r == 0; i++)
		read_input(paths[i], (size_t)i, &inputs, &findings);
	if (r == 0 && findings.n_errors == 0)
		r = import_texts(inputs.texts, inputs.n, &arguments->import, &findings, &result);
	if (findings_print(&findings, arguments->is_json, stderr) < 0 || findings.n_errors > 0)
		return 1;
	if (r < 0) {
		fprintf(stderr, "fairlead-fleet: %s\n", strerror(-r));
		return 1;
	}
	return write_result(arguments, &result);
}

int command_import(int argc, char **argv)
{
	struct arguments arguments = {
		.import = { .wan = "wan0", .lan = "lan0" },
		.output = "-",
	};
	char why_not[MAX_SENTENCE_BYTES];
	int n = options_parse(command_import_options, argc, argv, &arguments, why_not);

	if (n >= 0 && strcmp(arguments.import.wan, arguments.import.lan) == 0) {
		snprintf(why_not, sizeof(why_not), "the WAN's and the LAN's interface are both %s",
			 arguments.import.wan);
		n = -EINVAL;
	}
	if (n == 0)
		snprintf(why_not, sizeof(why_not), "no FILE is given; - is standard input");
	if (n <= 0) {
		fprintf(stderr, "fairlead-fleet import: %s; see fairlead-fleet --help\n", why_not);
		return 2;
	}
	return run(&arguments, n, argv);
}
