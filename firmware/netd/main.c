/* fairlead-netd: the filter and the kernel's settings, before any link is up.
 *
 *   Holds   CAP_NET_ADMIN, and hands it to nft; runs once and ends.
 *   Talks   to nft (standard input and output) and to files below /proc/sys/net.
 *   Reads   the device configuration.
 *   Never   parses anything from the network, writes a route, starts any other program.
 *
 * Its exit status is the permission to bring links up: 0 only if the kernel holds all of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <getopt.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/event.h"
#include "base/log.h"
#include "config/device.h"
#include "netd/nft.h"
#include "netd/render_filter.h"
#include "netd/render_sysctl.h"
#include "netd/sysctl.h"
#include "runtime/rights.h"

static const struct rights_capability capabilities[] = {
	{ CAP_NET_ADMIN, "load the filter and write kernel settings" },
	{ 0, NULL },
};

/* nft inherits all of it. */
static const struct rights_socket sockets[] = {
	{ AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, "nft: the filter" },
	{ 0 },
};

static const struct rights_option socket_options[] = {
	{ SOL_SOCKET, SO_SNDBUF, "nft: room for the whole filter" },
	{ SOL_SOCKET, SO_SNDBUFFORCE, "nft: the same, beyond the usual" },
	{ SOL_SOCKET, SO_RCVBUF, "nft: room for the answers" },
	{ SOL_SOCKET, SO_RCVBUFFORCE, "nft: the same, beyond the usual" },
	{ SOL_NETLINK, NETLINK_EXT_ACK, "nft: errors in words" },
	{ 0 },
};

static const struct rights_path paths[] = {
	{ "/proc/sys/net", RIGHTS_MAY_READ | RIGHTS_MAY_WRITE, "kernel settings" },
	{ "/dev/urandom", RIGHTS_MAY_READ, "jansson: the seed of its hashes" },
	{ NFT_PATH, RIGHTS_MAY_START, "the only program" },
	{ "/usr/lib", RIGHTS_MAY_START, "nft: its loader and libraries" },
	{ "/lib64", RIGHTS_MAY_START, "nft: its loader, where /lib64 is no link" },
	{ "/etc/ld.so.cache", RIGHTS_MAY_READ, "nft: where its libraries are" },
	{ "/etc/protocols", RIGHTS_MAY_READ, "nft: names of protocols" },
	{ 0 },
};

static const struct rights rights = {
	.capabilities = capabilities,
	.calls = RIGHTS_CALLS_PROGRAM | RIGHTS_CALLS_SOCKETS,
	.sockets = sockets,
	.options = socket_options,
	.paths = paths,
};

static const struct rights_capability no_capabilities[] = { { 0, NULL } };
static const struct rights rights_to_check = { .capabilities = no_capabilities };

#define CONFIG_PATH "/etc/fairlead/config.json"

static int load_config(const char *path, bool is_trusted_only, struct device_config **ret_config)
{
	_cleanup_free_ char *text = NULL;
	char why[CONFIG_ERROR_TEXT_BYTES];
	struct config_error error;
	size_t len;
	int r;

	r = config_read_file(path, MAX_CONFIG_BYTES, is_trusted_only, &text, &len);
	if (r == 0)
		r = config_parse(text, len, ret_config, &error);
	if (r == -EBADMSG)
		event_log(EVENT_CONFIG_BAD, "place=\"%s\"", config_error_print(&error, path, why));
	else if (r < 0)
		event_log(EVENT_CONFIG_BAD, "path=%s error=\"%s\"", path,
			  r == -EPERM ? "root must own it and nobody else may write it"
				      : strerror(-r));
	return r;
}

/* Prints what would be loaded; the whole is a script that nft takes. */
static int check(const char *filter, const struct sysctls *sysctls)
{
	printf("%s%s", FILTER_REPLACE, filter);
	for (size_t i = 0; i < sysctls->n; i++)
		printf("# %s/%s = %s%s\n", SYSCTL_ROOT, sysctls->rows[i].path,
		       sysctls->rows[i].value,
		       sysctls->rows[i].is_optional ? " (if it exists)" : "");
	if (fflush(stdout)) {
		log_error("cannot print: %s", strerror(errno));
		return -EIO;
	}
	return 0;
}

/* The filter first, so that nothing is forwarded before it is there. */
static int apply(const char *filter, const struct sysctls *sysctls)
{
	int r = nft_load(NFT_PATH, filter);

	if (r == 0)
		r = sysctl_apply(SYSCTL_ROOT, sysctls);
	/* when nft refuses a filter, the one before is still whole, if there was one */
	else if (r != -EBADMSG || !nft_is_loaded(NFT_PATH))
		sysctl_stop_forwarding(SYSCTL_ROOT);
	if (r < 0)
		event_log(EVENT_FILTER_FAILED, "error=\"%s\"", strerror(-r));
	return r;
}

static int run(const char *config_path, bool is_check)
{
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	_cleanup_free_ char *filter = NULL;
	struct sysctls sysctls;
	int r;

	r = rights_enter(is_check ? &rights_to_check : &rights,
			 (const char *[]){ config_path, NULL });
	if (r < 0)
		return r;
	r = load_config(config_path, !is_check, &config);
	if (r < 0)
		return r;
	filter = render_filter(config);
	if (!filter) {
		event_log(EVENT_FILTER_FAILED, "error=\"%s\"", strerror(ENOMEM));
		return -ENOMEM;
	}
	render_sysctl(config, &sysctls);
	if (is_check)
		return check(filter, &sysctls);
	r = apply(filter, &sysctls);
	if (r == 0)
		event_log(EVENT_FILTER_LOADED, "site=%s tunnels=%zu settings=%zu", config->site,
			  config->n_tunnels, sysctls.n);
	return r;
}

enum option_id { OPTION_CONFIG = 'c', OPTION_CHECK = 'n', OPTION_VERSION = 'V', OPTION_HELP = 'h' };

static const struct option options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

static const char usage[] =
	"usage: fairlead-netd [--config FILE] [--check]\n"
	"       fairlead-netd --version\n"
	"\n"
	"Loads filter and kernel settings and ends; status 0 only if all are in force.\n"
	"\n"
	"  --config FILE  device configuration (" CONFIG_PATH ")\n"
	"  --check        print what would be loaded, as a script for nft, and load nothing\n"
	"  --version      print versions\n";

int main(int argc, char *argv[])
{
	const char *config_path = CONFIG_PATH;
	bool is_check = false;
	int id;

	log_open("netd", LOG_LEVEL_INFO);
	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (id) {
		case OPTION_CONFIG:
			config_path = optarg;
			break;
		case OPTION_CHECK:
			is_check = true;
			break;
		case OPTION_VERSION:
			printf("fairlead-netd %s\n%s\n", FAIRLEAD_VERSION, FAIRLEAD_PARTS);
			return EXIT_SUCCESS;
		case OPTION_HELP:
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	return run(config_path, is_check) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
