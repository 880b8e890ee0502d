/* fairlead-iked: IKEv2 with the internet, through libcharon.
 *
 *   Holds   no capability, from the first instruction on; alone the shared keys.
 *   Talks   IKE, over xfrmd's sockets for UDP 500 and 4500; requests to xfrmd (proto/xfrm_proto.h);
 *           status rows (proto/status_proto.h) and read-only vici to the group fairlead.
 *   Reads   the configuration and the secrets file, once, if nobody but root may write them;
 *           rtnetlink notifications, for their arrival only.
 *   Never   opens NETLINK_XFRM, starts a program, shuts the UDP sockets down or sets options of
 *           them (seccomp), writes a file (Landlock); connects them (xfrmd undoes it).
 *
 * How it ends decides what becomes of the SAs, which belong to xfrmd:
 *   SIGTERM, SIGINT   in order: a DELETE to every gateway, SAs deleted, traffic stops
 *   SIGHUP            at once, nothing deleted: traffic goes on, the supervisor starts it anew with
 *                     the configuration of that moment; so too when xfrmd holds another one
 *   crash, SIGKILL    as SIGHUP
 * Exit status 0 but for a crash; 1 when it cannot start; 2 for wrong options.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <linux/netlink.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/event.h"
#include "base/secret.h"
#include "config/secrets.h"
#include "iked/ike.h"
#include "iked/path_watch.h"
#include "iked/status.h"
#include "iked/tunnels.h"
#include "iked/xfrmc.h"
#include "iked/xfrmd_link.h"
#include "provisioning/bundle/digest.h"
#include "runtime/loop.h"
#include "runtime/notify.h"
#include "runtime/options.h"
#include "runtime/rights.h"

static const struct rights_capability no_capability[] = {
	{ .why = NULL },
};

static const struct rights_socket sockets[] = {
	{ AF_UNIX, RIGHTS_ANY, 0, "xfrmd, status, vici, readiness" },
	{ AF_INET, SOCK_DGRAM, 0, "which address the kernel would send from" },
	{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, "addresses of the box, and that they change" },
	{ .why = NULL },
};

static const struct rights_path paths[] = {
	{ "/run/fairlead/iked", RIGHTS_MAY_SERVE, "status.sock and charon.vici" },
	{ "/etc/nsswitch.conf", RIGHTS_MAY_READ, "getgrnam, for the owner of a socket" },
	{ "/etc/group", RIGHTS_MAY_READ, "the same" },
	{ "/dev/urandom", RIGHTS_MAY_READ, "jansson: the seed of its hashes" },
	{ "/etc/ld.so.cache", RIGHTS_MAY_READ, "libgcc_s, which pthread_cancel loads" },
	{ "/usr/lib", RIGHTS_MAY_READ, "the same" },
	{ .why = NULL },
};

static const struct rights rights = {
	.capabilities = no_capability,
	.calls = RIGHTS_CALLS_EVENTS | RIGHTS_CALLS_SOCKETS | RIGHTS_CALLS_SERVER |
		 RIGHTS_CALLS_THREADS,
	.sockets = sockets,
	.paths = paths, /* no option may be set: that would change the UDP sockets, xfrmd's */
};

#define MAX_SECRETS_BYTES (1024 * 1024) /* 1,024 tunnels with a key of 128 characters: 260 KB */

/* The whole state: one struct, because the loop's callbacks find nothing else; listed in
 * docs/style.md. */
static struct {
	const char *config_path, *secrets_path;
	struct device_config *config;
	struct tunnels *tunnels;
	struct xfrmc *xfrmc;
	struct loop loop;
	struct loop_signals signals;
	struct xfrmd_link link;
	struct path_watch path;
	struct status status;
} iked;

/* --- files ---------------------------------------------------------------------------------- */

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

/* --- ends ----------------------------------------------------------------------------------- */

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

static void on_signal(struct loop_signals *signals, int number)
{
	(void)signals;
	if (number == SIGHUP)
		leave();
	event_log(EVENT_IKED_STOP, "signal=\"%s\"", strsignal(number));
	loop_stop(&iked.loop);
}

/* Before any thread exists, so that signals come here alone. */
static int watch_signals(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	sigset_t pipes;

	/* libstrongswan's streams write to clients that may be gone */
	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &pipes, NULL) < 0)
		return -errno;
	iked.signals.on_signal = on_signal;
	return loop_signals_open(&iked.loop, &iked.signals, numbers);
}

/* --- run ------------------------------------------------------------------------------------ */

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
	struct ike_config config = { .tunnels = iked.tunnels,
				     .secrets = secrets,
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

/* --- options -------------------------------------------------------------------------------- */

static int level_from_name(const char *name)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error",   [LOG_LEVEL_WARN] = "warn",
		[LOG_LEVEL_NOTICE] = "notice", [LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};

	for (size_t i = 0; i < countof(names); i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

int main(int argc, char **argv)
{
	const char *config_path = "/etc/fairlead/config.json", *level_name = "info";
	const char *secrets_path = "/etc/fairlead/secrets.json";
	const struct option_row rows[] = {
		{ "config", "PATH", "the device configuration", &config_path },
		{ "secrets", "PATH", "the shared keys", &secrets_path },
		{ "log-level", "LEVEL", "error, warn, notice, info or debug", &level_name },
		{ 0 },
	};
	const struct options options = { "fairlead-iked", "Opens the tunnels and keeps them open.",
					 FAIRLEAD_PARTS, rows };
	int rc = options_parse(&options, argc, argv), level;

	if (rc != 0)
		return rc < 0 ? 2 : EXIT_SUCCESS;
	level = level_from_name(level_name);
	log_open("iked", level < 0 ? LOG_LEVEL_INFO : (enum log_level)level);
	if (level < 0) {
		log_error("there is no such log level level=%s", level_name);
		return 2;
	}
	iked.config_path = config_path;
	iked.secrets_path = secrets_path;
	if (rights_enter(&rights, (const char *[]){ config_path, secrets_path, NULL }) < 0)
		return EXIT_FAILURE;
	/* an arena for each thread would cost more memory than it saves time */
	mallopt(M_ARENA_MAX, 1);
	return run();
}
