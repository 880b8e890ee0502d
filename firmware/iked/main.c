/* fairlead-iked: IKEv2 with the internet, through libcharon.
 *
 *   +--------+------------------------------------------------------------------------------+
 *   | Holds  | no capability, from the first instruction on; alone the shared keys          |
 *   | Talks  | IKE, over sockets for UDP 500 and 4500 that xfrmd owns; SA requests to xfrmd  |
 *   |        | on xfrm.sock; status rows and read-only vici to the group fairlead           |
 *   | Reads  | the configuration (root's, else refused) and the secrets file, once; rtnetlink|
 *   |        | notifications, for their arrival only                                        |
 *   | Never  | NETLINK_XFRM (seccomp), exec, file write, connect or setsockopt on the sockets|
 *   +--------+------------------------------------------------------------------------------+
 *
 * How it ends decides what becomes of the SAs, which belong to xfrmd:
 *   SIGTERM, SIGINT   in order: a DELETE to every gateway, SAs deleted, traffic stops
 *   SIGHUP            at once, nothing deleted: traffic goes on, the supervisor starts it anew with
 *                     the configuration of that moment; so also when xfrmd holds another one
 *   crash, SIGKILL    as SIGHUP
 * Exit status 0 for all of these but a crash; 1 when it cannot start.
 *
 * State: one struct, `iked`, because libcharon's threads and the loop's callbacks need it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/cleanup.h"
#include "base/event.h"
#include "base/secret.h"
#include "config/secrets.h"
#include "crypto/crypto.h"
#include "iked/ike.h"
#include "iked/path_watch.h"
#include "iked/status.h"
#include "iked/tunnels.h"
#include "iked/xfrmc.h"
#include "iked/xfrmd_link.h"
#include "provisioning/bundle/digest.h"
#include "runtime/loop.h"
#include "runtime/notify.h"
#include "runtime/rights.h"

static const struct rights_capability no_capability[] = {
	{ .why = NULL },
};

static const struct rights rights = {
	.capabilities = no_capability,
	.may_use_netlink_xfrm = false, /* it talks to the internet: xfrmd decides */
	.may_exec = false,
};

#define CONFIG_PATH "/etc/fairlead/config.json"
#define SECRETS_PATH "/etc/fairlead/secrets.json"
#define MAX_SECRETS_BYTES (1024 * 1024) /* 1,024 tunnels with a key of 128 characters: 260 KB */

static struct {
	const char *config_path, *secrets_path;
	struct device_config *config;
	struct tunnels *tunnels;
	struct xfrmc *xfrmc;
	struct loop loop;
	struct loop_source signals;
	struct xfrmd_link link;
	struct path_watch path;
	struct status status;
} iked = { .config_path = CONFIG_PATH, .secrets_path = SECRETS_PATH };

/* --- files ----------------------------------------------------------------------------------- */

static int report(int rc, const char *path, const struct config_error *error)
{
	char text[CONFIG_ERROR_TEXT_BYTES];

	if (rc == -EBADMSG)
		event_log(EVENT_CONFIG_BAD, "%s", config_error_print(error, path, text));
	else
		event_log(EVENT_CONFIG_BAD, "path=%s error=\"%s\"", path,
			  rc == -EPERM ? "not root's alone to write" : strerror(-rc));
	return rc;
}

/* Reads the configuration, and the digest by which xfrmd knows that it is the same one. */
static int read_config(uint8_t ret_digest[static DIGEST_BYTES])
{
	_cleanup_free_ char *text = NULL;
	struct config_error error;
	size_t len;
	int rc = config_read_file(iked.config_path, MAX_CONFIG_BYTES, true, &text, &len);

	if (rc == 0)
		rc = config_parse(text, len, &iked.config, &error);
	if (rc < 0)
		return report(rc, iked.config_path, &error);
	digest_sha256(text, len, ret_digest);
	return 0;
}

static int read_secrets(struct secrets **ret_secrets)
{
	_cleanup_free_ char *text = NULL;
	struct config_error error;
	size_t len;
	int rc = config_read_file(iked.secrets_path, MAX_SECRETS_BYTES, true, &text, &len);

	if (rc == 0) {
		rc = secrets_parse(text, len, ret_secrets, &error);
		secret_wipe_bytes(text, len);
	}
	return rc < 0 ? report(rc, iked.secrets_path, &error) : 0;
}

/* --- ends ------------------------------------------------------------------------------------ */

/* Nothing is undone on purpose: the SAs stay, the next iked takes over. */
static void leave(void)
{
	event_log(EVENT_IKED_LEAVE, "%s", "");
	_exit(0);
}

static void on_stale(void)
{
	event_log(EVENT_CONFIG_STALE, "%s", "");
	leave();
}

static void on_signal(struct loop_source *source, uint32_t epoll_events)
{
	struct signalfd_siginfo info;

	(void)epoll_events;
	if (read(source->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		leave();
	event_log(EVENT_IKED_STOP, "signal=%s", strsignal((int)info.ssi_signo));
	loop_stop(&iked.loop);
}

/* Blocked before any thread exists, so that signals come here alone. */
static int watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	sigdelset(&set, SIGPIPE);
	iked.signals = (struct loop_source){ .fd = signalfd(-1, &set, SFD_CLOEXEC),
					     .on_ready = on_signal };
	return iked.signals.fd < 0 ? -errno : loop_add(&iked.loop, &iked.signals);
}

/* --- run ------------------------------------------------------------------------------------- */

static int open_all(void)
{
	int rc = xfrmd_link_start(&iked.link, &iked.loop, iked.xfrmc, on_stale);

	if (rc == 0)
		rc = status_open(&iked.status, &iked.loop, iked.tunnels);
	if (rc == 0)
		rc = path_watch_open(&iked.path, &iked.loop, ike_path_changed);
	if (rc == 0)
		rc = notify_ready();
	if (rc < 0)
		log_error("cannot serve error=\"%s\"", strerror(-rc));
	return rc;
}

/* Signals are blocked only when xfrmd is there: until then, to end is to just end. */
static int start_ike(struct secrets *secrets)
{
	struct ike_config config = { .tunnels = iked.tunnels, .secrets = secrets,
				     .xfrmc = iked.xfrmc };
	int rc;

	if (xfrmd_link_wait(iked.xfrmc, config.udp) == -ESTALE)
		on_stale();
	rc = watch_signals();
	if (rc < 0) {
		log_error("cannot watch signals error=\"%s\"", strerror(-rc));
		return rc;
	}
	return ike_start(&config);
}

static int start(void)
{
	_cleanup_(cleanup_secrets) struct secrets *secrets = NULL;
	uint8_t digest[DIGEST_BYTES];
	int rc = read_config(digest);

	if (rc == 0)
		rc = read_secrets(&secrets);
	if (rc == 0)
		rc = tunnels_new(iked.config, &iked.tunnels);
	if (rc == 0)
		rc = xfrmc_new(XFRM_SOCKET_PATH, digest, &iked.xfrmc);
	if (rc == 0)
		rc = loop_init(&iked.loop);
	if (rc == 0)
		rc = start_ike(secrets);
	return rc;
}

static void stop(void)
{
	path_watch_close(&iked.path);
	status_close(&iked.status);
	ike_stop();
	xfrmd_link_stop(&iked.link);
	xfrmc_free(iked.xfrmc);
	tunnels_free(iked.tunnels);
	config_free(iked.config);
}

static int run(void)
{
	int rc = start();

	if (rc == 0)
		rc = open_all();
	if (rc == 0)
		rc = loop_run(&iked.loop);
	stop();
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* --- options --------------------------------------------------------------------------------- */

static const struct {
	struct option option;
	const char *argument, *text;
} options[] = {
	{ { "config", required_argument, NULL, 'c' }, "FILE", "device configuration, " CONFIG_PATH },
	{ { "secrets", required_argument, NULL, 's' }, "FILE", "shared keys, " SECRETS_PATH },
	{ { "log-level", required_argument, NULL, 'l' }, "LEVEL",
	  "error, warn, notice, info or debug; info" },
	{ { "version", no_argument, NULL, 'V' }, "", "print versions and end" },
	{ { "help", no_argument, NULL, 'h' }, "", "print this and end" },
};

static void print_usage(FILE *file)
{
	fprintf(file, "usage: fairlead-iked [OPTION]...\n");
	for (size_t i = 0; i < countof(options); i++)
		fprintf(file, "  --%-10s %-6s %s\n", options[i].option.name, options[i].argument,
			options[i].text);
}

static int parse_level(const char *text)
{
	static const char *const names[] = { "error", "warn", "notice", "info", "debug" };

	for (size_t i = 0; i < countof(names); i++)
		if (strcmp(names[i], text) == 0)
			return (int)i;
	return -1;
}

/* Returns -1 to run, or an exit status. */
static int parse_options(int argc, char **argv, enum log_level *ret_level)
{
	struct option longs[countof(options) + 1] = { 0 };
	int c, level = LOG_LEVEL_INFO;

	for (size_t i = 0; i < countof(options); i++)
		longs[i] = options[i].option;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'c')
			iked.config_path = optarg;
		else if (c == 's')
			iked.secrets_path = optarg;
		else if (c == 'l')
			level = parse_level(optarg);
		else if (c == 'V')
			return printf("fairlead-iked %s\n%s\n%s\n", FAIRLEAD_VERSION, ike_version(),
				      crypto_version()) < 0;
		else if (c == 'h')
			return print_usage(stdout), EXIT_SUCCESS;
		else
			return print_usage(stderr), EXIT_FAILURE;
	}
	if (optind < argc || level < 0)
		return print_usage(stderr), EXIT_FAILURE;
	*ret_level = (enum log_level)level;
	return -1;
}

int main(int argc, char **argv)
{
	enum log_level level = LOG_LEVEL_INFO;
	int status = parse_options(argc, argv, &level);

	if (status >= 0)
		return status;
	log_open("iked", level);
	if (rights_enter(&rights) < 0)
		return EXIT_FAILURE;
	mallopt(M_ARENA_MAX, 1); /* an arena for each thread would cost more memory than it saves time */
	return run();
}
