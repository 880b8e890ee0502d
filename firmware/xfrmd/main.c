/* fairlead-xfrmd: the process that decides what IPsec the kernel runs.
 *
 *   Holds   CAP_NET_ADMIN; CAP_NET_BIND_SERVICE until UDP 500 and 4500 are bound; both sockets;
 *           the SAs of the box, which outlive the iked that asked for them.
 *   Talks   NETLINK_XFRM and rtnetlink to the kernel; xfrm.sock to iked alone (proto/xfrm_proto.h);
 *           xfrmd-status.sock to the group fairlead (proto/status_proto.h).
 *   Reads   the configuration, through a short-lived child without rights (envelope_load.c).
 *   Never   reads from the UDP sockets, starts a program, writes a file, allocates after its start,
 *           or opens a hole when it ends: routes, policies and SAs stay. What `rights` does not
 *           name kills it (seccomp) or is denied (Landlock).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/event.h"
#include "proto/status_proto.h"
#include "runtime/notify.h"
#include "runtime/options.h"
#include "runtime/rights.h"
#include "xfrmd/xfrmd.h"

static const struct rights_capability capabilities[] = {
	{ CAP_NET_ADMIN, "install SAs, policies, interfaces and routes" },
	{ CAP_NET_BIND_SERVICE, "bind UDP 500 and 4500, dropped right after" },
	{ 0 },
};

static const struct rights_socket sockets[] = {
	{ AF_NETLINK, SOCK_RAW, NETLINK_XFRM, "SAs and policies" },
	{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, "interfaces and routes" },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, "ports 500 and 4500" },
	{ AF_UNIX, RIGHTS_ANY, 0, "requests, status, readiness" },
	{ 0 },
};

static const struct rights_option options[] = {
	{ SOL_NETLINK, NETLINK_CAP_ACK, "acknowledgements without the message" },
	{ SOL_SOCKET, SO_RCVBUFFORCE, "room for a batch of them" },
	{ SOL_SOCKET, SO_RCVBUF, "the same, with less" },
	{ SOL_SOCKET, SO_REUSEADDR, "UDP ports that a copy at iked still holds" },
	{ IPPROTO_IP, IP_PKTINFO, "iked learns where a packet was sent to" },
	{ IPPROTO_IP, IP_RECVERR, "iked learns of ICMP errors" },
	{ IPPROTO_UDP, UDP_ENCAP, "the kernel unpacks ESP in UDP" },
	{ 0 },
};

static const struct rights_path paths[] = {
	{ "/run/fairlead/xfrmd", RIGHTS_MAY_SERVE, "xfrm.sock and status.sock" },
	{ "/etc/nsswitch.conf", RIGHTS_MAY_READ, "getgrnam, for the owner of a socket" },
	{ "/etc/group", RIGHTS_MAY_READ, "the same" },
	{ 0 },
};

static const struct rights rights = {
	.capabilities = capabilities,
	.calls = RIGHTS_CALLS_EVENTS | RIGHTS_CALLS_SOCKETS | RIGHTS_CALLS_SERVER |
		 RIGHTS_CALLS_CHILD,
	.sockets = sockets,
	.options = options,
	.paths = paths,
};

/* The whole state: static, since nothing is allocated; listed in docs/style.md. */
static struct xfrmd xfrmd;
static struct envelope envelopes[2]; /* the one in force, and room for the next */

static const struct server_config requests_config = {
	.path = XFRM_SOCKET_PATH,
	.name = "xfrm.sock",
	.mode = 0666, /* the uid decides */
	.uids = &xfrmd.iked_uid,
	.n_uids = 1,
	.n_sessions = 1,
	.version = XFRM_PROTO_VERSION,
	.rows = answer_rows,
	.on_end = answer_end,
	.owner = &xfrmd,
};

static const struct server_config status_config = {
	.path = STATUS_XFRMD_PATH,
	.name = "xfrmd-status.sock",
	.mode = 0660,
	.group = "fairlead",
	.n_sessions = SERVER_MAX_SESSIONS,
	.version = STATUS_PROTO_VERSION,
	.rows = answer_status_rows,
	.owner = &xfrmd,
};

/* Encapsulation is on before a packet can come: what the kernel does not take is IKE. */
static int open_udp(uint16_t port, int encapsulation, int *ret_fd)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	const int on = 1;
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) < 0 || /* for iked to read */
	    (encapsulation &&
	     setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &encapsulation, sizeof(encapsulation)) < 0) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int bind_ports(void)
{
	int rc = open_udp(500, 0, &xfrmd.udp_fds[0]);

	if (rc == 0)
		rc = open_udp(4500, UDP_ENCAP_ESPINUDP, &xfrmd.udp_fds[1]);
	return rc < 0 ? rc : rights_drop(CAP_NET_BIND_SERVICE);
}

/* The envelope in force becomes what the kernel has. */
static int install(void)
{
	const char *what = "compare SAs and routes with the configuration";
	int rc = install_all(&xfrmd.install, &xfrmd.kernel, xfrmd.envelope, &what);

	if (rc == 0)
		rc = sa_sync(&xfrmd);
	if (rc == 0)
		rc = steer_all(&xfrmd);
	if (rc < 0)
		log_error("cannot %s: %s", what, strerror(-rc));
	else
		event_log(EVENT_CLOSED, "tunnels=%u", xfrmd.envelope->head.n_tunnels);
	return rc;
}

static int read_link(const struct nlmsghdr *message, void *context)
{
	bool *is_lost = context;

	*is_lost = *is_lost || install_is_link_lost(&xfrmd.install, message);
	return 0;
}

/* Whoever applies network settings takes interfaces down; ours come back, and so do their routes.
 */
static void links_ready(struct loop_source *source, uint32_t epoll_events)
{
	bool is_lost = false;
	int rc = netlink_channel_read(source->fd, read_link, &is_lost);

	(void)epoll_events;
	is_lost = is_lost || rc == -ENOBUFS;
	if (is_lost)
		rc = install_links(&xfrmd.install);
	/* what the events told may be what we did ourselves */
	if (is_lost && rc == 0 && xfrmd.install.n_changed > 0) {
		event_log(EVENT_LINK_LOST, "interfaces=%u wan_mtu=%u", xfrmd.install.n_changed,
			  xfrmd.install.wan_mtu);
		rc = steer_all(&xfrmd);
	}
	if (rc < 0)
		log_error("cannot restore the tunnels' interfaces: %s", strerror(-rc));
}

/* A configuration that cannot be used leaves the old one in force. One that cannot be installed
 * ends the process; its next start begins from what the kernel has. */
static void reload(void)
{
	const struct envelope *old = xfrmd.envelope;
	struct envelope *next = &envelopes[old == &envelopes[0]];
	bool is_new;

	if (envelope_load(xfrmd.config_path, next) < 0)
		return;
	is_new = memcmp(old->head.config_sha256, next->head.config_sha256,
			sizeof(next->head.config_sha256)) != 0;
	xfrmd.envelope = next;
	if (is_new) /* it goes by the numbers of tunnels and children */
		memset(&xfrmd.steer, 0, sizeof(xfrmd.steer));
	xfrmd.is_failed = install() < 0;
	if (xfrmd.is_failed)
		loop_stop(&xfrmd.loop);
	else if (is_new) /* iked comes back and reads it too */
		server_end_session(&xfrmd.requests.sessions[0]);
}

static void on_signal(struct loop_signals *signals, int number)
{
	(void)signals;
	if (number == SIGHUP)
		reload();
	else
		loop_stop(&xfrmd.loop);
}

static int watch(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	int rc = kernel_open(&xfrmd.kernel);

	xfrmd.kernel.events.on_ready = sa_events_ready;
	xfrmd.kernel.links.on_ready = links_ready;
	xfrmd.orphan_timer.on_time = sa_orphans_due;
	xfrmd.steer_timer.on_time = steer_settled;
	xfrmd.signals.on_signal = on_signal;
	if (rc == 0)
		rc = loop_init(&xfrmd.loop);
	if (rc == 0)
		rc = loop_add(&xfrmd.loop, &xfrmd.kernel.events);
	if (rc == 0)
		rc = loop_add(&xfrmd.loop, &xfrmd.kernel.links);
	if (rc == 0)
		rc = loop_timer_open(&xfrmd.loop, &xfrmd.orphan_timer);
	if (rc == 0)
		rc = loop_timer_open(&xfrmd.loop, &xfrmd.steer_timer);
	return rc < 0 ? rc : loop_signals_open(&xfrmd.loop, &xfrmd.signals, numbers);
}

static int serve(void)
{
	int rc = server_open(&xfrmd.requests, &xfrmd.loop, &requests_config);

	if (rc == 0)
		rc = server_open(&xfrmd.status, &xfrmd.loop, &status_config);
	xfrmd.up_since_s = (uint64_t)time(NULL);
	return rc < 0 ? rc : notify_ready();
}

/* Returns 0, or 1 after one message that says what failed. */
static int start(void)
{
	static const struct {
		const char *what; /* the end of "cannot ..."; NULL: the step has said it itself */
		int (*run)(void);
	} steps[] = {
		{ "open netlink and watch events and signals", watch },
		{ NULL, install },
		{ "bind UDP ports 500 and 4500", bind_ports },
		{ "open the sockets for requests", serve },
	};

	xfrmd.envelope = &envelopes[0];
	if (rights_enter(&rights, (const char *[]){ xfrmd.config_path, NULL }) < 0 ||
	    envelope_load(xfrmd.config_path, &envelopes[0]) < 0)
		return 1;
	for (size_t i = 0; i < countof(steps); i++) {
		int rc = steps[i].run();

		if (rc < 0 && steps[i].what)
			log_error("cannot %s: %s", steps[i].what, strerror(-rc));
		if (rc < 0)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *config_path = "/etc/fairlead/config.json", *iked_user = "fl-iked";
	const struct option_row rows[] = {
		{ "config", "PATH", "the device configuration", &config_path },
		{ "iked-user", "NAME", "the user that may ask for SAs", &iked_user },
		{ 0 },
	};
	const struct options options = { "fairlead-xfrmd", "Decides what IPsec the kernel runs.",
					 FAIRLEAD_PARTS, rows };
	const struct passwd *user;
	int rc = options_parse(&options, argc, argv);

	if (rc != 0)
		return rc < 0 ? 2 : 0;
	log_open("xfrmd", LOG_LEVEL_INFO);
	user = getpwnam(iked_user);
	if (!user) {
		log_error("there is no user %s", iked_user);
		return 1;
	}
	xfrmd.config_path = config_path;
	xfrmd.event_fd = -1;
	xfrmd.iked_uid = user->pw_uid;
	if (start() != 0)
		return 1;
	rc = loop_run(&xfrmd.loop);
	if (rc < 0)
		log_error("cannot wait for events: %s", strerror(-rc));
	server_close(&xfrmd.requests);
	server_close(&xfrmd.status);
	return rc < 0 || xfrmd.is_failed;
}
