/* A SOCK_SEQPACKET server with a table of requests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/server.h"

#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/secret.h"

#define ACCEPT_PAUSE_MS 100

void server_end_session(struct server_session *session)
{
	struct server *server = session->server;

	if (session->source.fd < 0)
		return;
	if (server->config->on_end)
		server->config->on_end(session);
	loop_del(server->loop, &session->source);
	close(session->source.fd);
	session->source.fd = -1;
}

static const struct server_row *find_row(const struct server_config *config, uint16_t type)
{
	for (const struct server_row *row = config->rows; row->name; row++)
		if (row->type == type)
			return row;
	return NULL;
}

static int violation(const struct server_session *session, const char *what, const char *request,
		     size_t len)
{
	if (event_pass(&session->server->told, clock_now_s()))
		event_log(EVENT_PROTOCOL, "socket=%s request=%s bytes=%zu reason=\"%s\"",
			  session->server->config->name, request, len, what);
	return -EPROTO;
}

int server_dispatch(struct server_session *session, const void *request, size_t len,
		    struct server_reply *ret_reply)
{
	const struct server_config *config = session->server->config;
	const struct server_row *row;
	uint16_t version, type;

	if (len < sizeof(version) + sizeof(type))
		return violation(session, "no whole header", "?", len);
	memcpy(&version, request, sizeof(version));
	memcpy(&type, (const char *)request + sizeof(version), sizeof(type));
	if (version != config->version)
		return violation(session, "another version", "?", len);
	row = find_row(config, type);
	if (!row)
		return violation(session, "unknown type", "?", len);
	if (len != row->size)
		return violation(session, "wrong size", row->name, len);
	if (!(row->states & session->state))
		return violation(session, "out of turn", row->name, len);
	ret_reply->len = 0;
	ret_reply->n_fds = 0;
	ret_reply->fd_to_close = -1;
	row->answer(session, request, ret_reply);
	return 0;
}

static int send_reply(int fd, const struct server_reply *reply)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(SERVER_MAX_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)reply->bytes, .iov_len = reply->len };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (reply->n_fds > 0) {
		size_t fds_bytes = (size_t)reply->n_fds * sizeof(int);

		control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						   .cmsg_type = SCM_RIGHTS,
						   .cmsg_len = CMSG_LEN(fds_bytes) };
		memcpy(CMSG_DATA(&control.header), reply->fds, fds_bytes);
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(fds_bytes);
	}
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* An answer of length 0 ends the session, and so does a client that does not read its answer. */
static void answer_message(struct server_session *session, const void *request, size_t len)
{
	struct server_reply reply;

	if (server_dispatch(session, request, len, &reply) < 0) {
		server_end_session(session);
		return;
	}
	if (session->source.fd >= 0 &&
	    (reply.len == 0 || send_reply(session->source.fd, &reply) < 0))
		server_end_session(session);
	if (reply.fd_to_close >= 0)
		close(reply.fd_to_close);
	secret_wipe_bytes(reply.bytes, reply.len);
}

static void session_ready(struct loop_source *source, uint32_t epoll_events)
{
	struct server_session *session = loop_owner(source, struct server_session, source);
	uint8_t request[SERVER_MAX_MESSAGE_BYTES] __attribute__((aligned(8)));
	ssize_t n = recv(source->fd, request, sizeof(request), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* An empty datagram reads as 0 too; only a hang-up is the end of the session. */
	if (n < 0 || (n == 0 && (epoll_events & EPOLLHUP))) {
		server_end_session(session);
		return;
	}
	if ((size_t)n > sizeof(request)) {
		(void)violation(session, "too long", "?", (size_t)n);
		server_end_session(session);
	} else {
		answer_message(session, request, (size_t)n);
	}
	secret_wipe_bytes(request, sizeof(request));
}

static bool may_connect(struct server *server, int fd)
{
	const struct server_config *config = server->config;
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	if (!config->uids)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	for (size_t i = 0; i < config->n_uids; i++)
		if (config->uids[i] == peer.uid)
			return true;
	if (event_pass(&server->told, clock_now_s()))
		log_warn("a user that may not use it connected socket=%s uid=%u pid=%d",
			 config->name, peer.uid, peer.pid);
	return false;
}

static struct server_session *take_slot(struct server *server)
{
	struct server_session *oldest = &server->sessions[0];

	for (int i = 0; i < server->config->n_sessions; i++) {
		struct server_session *session = &server->sessions[i];

		if (session->source.fd < 0)
			return session;
		if (session->age < oldest->age)
			oldest = session;
	}
	server_end_session(oldest);
	return oldest;
}

static void listener_ready(struct loop_source *source, uint32_t epoll_events)
{
	struct server *server = loop_owner(source, struct server, listener);
	struct server_session *session;
	_cleanup_close_ int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)epoll_events;
	if (fd < 0) {
		/* out of descriptors or memory: the connection stays in the queue and would be
		 * reported again at once */
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			poll(NULL, 0, ACCEPT_PAUSE_MS);
		return;
	}
	if (!may_connect(server, fd))
		return;
	session = take_slot(server);
	*session = (struct server_session){ .source = { .fd = fd, .on_ready = session_ready },
					    .server = server,
					    .state = 1,
					    .age = ++server->n_connected };
	if (loop_add(server->loop, &session->source) < 0) {
		session->source.fd = -1;
		return;
	}
	steal_fd(&fd);
}

static int set_owner(const struct server_config *config)
{
	const struct group *group;

	if (!config->group)
		return 0;
	errno = 0;
	group = getgrnam(config->group);
	if (!group)
		return errno ? -errno : -ENOENT;
	return chown(config->path, (uid_t)-1, group->gr_gid) < 0 ? -errno : 0;
}

/* Nobody can connect between bind and listen, so owner and mode are never late. */
static int bind_socket(int fd, const struct server_config *config)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int rc;

	if (strlen(config->path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, config->path, strlen(config->path));
	if (unlink(config->path) < 0 && errno != ENOENT)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	rc = set_owner(config);
	if (rc < 0)
		return rc;
	if (chmod(config->path, config->mode) < 0)
		return -errno;
	return listen(fd, SERVER_MAX_SESSIONS) < 0 ? -errno : 0;
}

int server_open(struct server *server, struct loop *loop, const struct server_config *config)
{
	_cleanup_close_ int fd = -1;
	int rc;

	assert(config->n_sessions >= 1 && config->n_sessions <= SERVER_MAX_SESSIONS);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	rc = bind_socket(fd, config);
	if (rc < 0)
		return rc;
	*server = (struct server){ .loop = loop,
				   .config = config,
				   .listener = { .fd = fd, .on_ready = listener_ready } };
	for (int i = 0; i < SERVER_MAX_SESSIONS; i++)
		server->sessions[i] = (struct server_session){ .source.fd = -1, .server = server };
	rc = loop_add(loop, &server->listener);
	if (rc < 0) {
		server->listener.fd = -1;
		return rc;
	}
	steal_fd(&fd);
	return 0;
}

void server_close(struct server *server)
{
	if (!server->config || server->listener.fd < 0)
		return;
	for (int i = 0; i < server->config->n_sessions; i++)
		server_end_session(&server->sessions[i]);
	loop_del(server->loop, &server->listener);
	close(server->listener.fd);
	server->listener.fd = -1;
	unlink(server->config->path);
}
