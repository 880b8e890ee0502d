/* The requests of xfrm.sock and of xfrmd-status.sock. `grep answer_` lists the attack surface.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/event.h"
#include "proto/status_proto.h"
#include "xfrmd/xfrmd.h"

#define CONNECTED (1u << 0) /* that of every new session */
#define READY (1u << 1)	    /* after HELLO */

/* What an answering function works with. */
struct ask {
	const char *name; /* of the request */
	struct xfrmd *xfrmd;
	struct xfrm_reply *reply; /* begun: no error, nothing found */
};

static struct ask begin(struct server_session *session, const void *request,
			struct server_reply *ret_reply, const char *name)
{
	struct xfrmd *xfrmd = session->server->config->owner;
	struct xfrm_reply *reply = (struct xfrm_reply *)ret_reply->bytes;

	xfrmd->n_requests++;
	*reply = (struct xfrm_reply){ .header = *(const struct xfrm_header *)request };
	ret_reply->len = sizeof(*reply);
	return (struct ask){ name, xfrmd, reply };
}

static void refuse(struct ask *ask, const char *why)
{
	ask->reply->error = -EACCES;
	snprintf(ask->reply->refusal, sizeof(ask->reply->refusal), "%s", why);
	ask->xfrmd->n_refusals++;
	snprintf(ask->xfrmd->last_refusal, sizeof(ask->xfrmd->last_refusal), "%s", why);
	if (event_pass(&ask->xfrmd->told, clock_now_s()))
		event_log(EVENT_REFUSED, "request=%s reason=\"%s\" refusals=%" PRIu64, ask->name,
			  why, ask->xfrmd->n_refusals);
}

/* An iked that was taken over may have connected its copies: then no gateway's packet would find
 * them, for every later iked too. A connection is undone by one to no address (connect(2)). */
static void release_udp(const struct xfrmd *xfrmd)
{
	static const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	for (int i = 0; i < 2; i++)
		(void)connect(xfrmd->udp_fds[i], &nobody, sizeof(nobody));
}

static void answer_hello(struct server_session *session, const void *request,
			 struct server_reply *ret_reply)
{
	const struct xfrm_hello *hello = request;
	struct ask ask = begin(session, request, ret_reply, "HELLO");
	const uint8_t *sha256 = ask.xfrmd->envelope->head.config_sha256;
	int pair[2];

	memcpy(ask.reply->config_sha256, sha256, sizeof(ask.reply->config_sha256));
	if (memcmp(hello->config_sha256, sha256, sizeof(hello->config_sha256)) != 0) {
		if (event_pass(&ask.xfrmd->told, clock_now_s()))
			event_log(EVENT_CONFIG_STALE, "session=%" PRIu64, session->age);
		ask.reply->error = -ESTALE;
		return;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		ask.reply->error = -errno;
		return;
	}
	ask.xfrmd->event_fd = pair[0];
	ask.xfrmd->session = session->age;
	session->state = READY;
	ret_reply->fds[0] = ask.xfrmd->udp_fds[0];
	ret_reply->fds[1] = ask.xfrmd->udp_fds[1];
	ret_reply->fds[2] = ret_reply->fd_to_close = pair[1];
	ret_reply->n_fds = XFRM_HELLO_N_FDS;
	release_udp(ask.xfrmd);
	if (event_pass(&ask.xfrmd->told, clock_now_s()))
		event_log(EVENT_SESSION, "session=%" PRIu64, session->age);
}

void answer_end(struct server_session *session)
{
	struct xfrmd *xfrmd = session->server->config->owner;

	if (xfrmd->session != session->age)
		return; /* it never said HELLO */
	sa_end_session(xfrmd);
	close(xfrmd->event_fd);
	xfrmd->event_fd = -1;
	xfrmd->session = 0;
	release_udp(xfrmd);
	if (event_pass(&xfrmd->told, clock_now_s()))
		event_log(EVENT_SESSION_END, "session=%" PRIu64, session->age);
}

static void answer_spi_get(struct server_session *session, const void *request,
			   struct server_reply *ret_reply)
{
	const struct xfrm_spi_get *asked = request;
	struct ask ask = begin(session, request, ret_reply, "SPI_GET");
	struct sa sa = { .state = SA_STATE_RESERVED,
			 .is_in = true,
			 .src = asked->src,
			 .dst = asked->dst,
			 .session = session->age };
	const struct envelope_tunnel *tunnel;
	char why[MAX_SENTENCE_BYTES];

	if (envelope_spi_objection(ask.xfrmd->envelope, asked, &tunnel, why)) {
		refuse(&ask, why);
		return;
	}
	sa.if_id = tunnel->if_id;
	if (sa_n_reserved(&ask.xfrmd->sas, sa.if_id) >= SA_MAX_RESERVED(tunnel->n_children)) {
		snprintf(why, sizeof(why), "tunnel %.40s has %u SPIs reserved already",
			 tunnel->name, SA_MAX_RESERVED(tunnel->n_children));
		refuse(&ask, why);
		return;
	}
	ask.reply->error = kernel_spi_get(&ask.xfrmd->kernel, asked, sa.if_id, &sa.spi_be);
	if (ask.reply->error == 0 && !sa_add(&ask.xfrmd->sas, &sa)) {
		kernel_sa_del(&ask.xfrmd->kernel, &sa.dst, sa.spi_be);
		ask.reply->error = -ENOSPC;
	}
	ask.reply->spi_be = ask.reply->error ? 0 : sa.spi_be;
}

static void answer_sa_add(struct server_session *session, const void *request,
			  struct server_reply *ret_reply)
{
	const struct xfrm_sa_add *asked = request;
	struct ask ask = begin(session, request, ret_reply, "SA_ADD");
	struct sa *sa = sa_find(&ask.xfrmd->sas, &asked->dst, asked->spi_be);
	enum envelope_spi spi = sa ? ENVELOPE_SPI_TAKEN : ENVELOPE_SPI_UNKNOWN;
	char why[MAX_SENTENCE_BYTES];

	if (sa && sa->state == SA_STATE_RESERVED && sa->session == session->age &&
	    sa->if_id == asked->if_id && addr_equal(&sa->src, &asked->src))
		spi = ENVELOPE_SPI_RESERVED;
	if (envelope_objection(ask.xfrmd->envelope, asked, spi, why)) {
		refuse(&ask, why);
		return;
	}
	if (!sa_make_room(ask.xfrmd, asked->reqid, asked->direction == XFRM_DIRECTION_IN)) {
		snprintf(why, sizeof(why), "the child of reqid %u has %d SAs already", asked->reqid,
			 SA_MAX_OF_CHILD);
		refuse(&ask, why);
		return;
	}
	if (!sa) /* outbound: the row first, so that there is one for what the kernel takes */
		sa = sa_add(&ask.xfrmd->sas, &(struct sa){ .state = SA_STATE_RESERVED,
							   .src = asked->src,
							   .dst = asked->dst,
							   .spi_be = asked->spi_be,
							   .if_id = asked->if_id,
							   .session = session->age });
	ask.reply->error = sa ? kernel_sa_add(&ask.xfrmd->kernel, asked) : -ENOSPC;
	if (ask.reply->error == 0)
		sa_set_installed(ask.xfrmd, sa, asked->reqid);
	else if (sa && !sa->is_in)
		sa->state = SA_STATE_FREE;
}

/* The SA that a request names, if it is of this box and may be touched; else refuses. */
static struct sa *find_own(struct ask *ask, const struct server_session *session,
			   const struct xfrm_sa_ref *ref)
{
	struct sa *sa = sa_find(&ask->xfrmd->sas, &ref->dst, ref->spi_be);
	char why[MAX_SENTENCE_BYTES], text[ADDR_TEXT_BYTES];

	if (sa && sa->if_id == ref->if_id && addr_equal(&sa->src, &ref->src) &&
	    (sa->state == SA_STATE_INSTALLED || sa->session == session->age))
		return sa;
	snprintf(why, sizeof(why), "SPI 0x%x to %s with if_id %u is no SA of this box",
		 ntohl(ref->spi_be), addr_print(&ref->dst, text), ref->if_id);
	refuse(ask, why);
	return NULL;
}

static void answer_sa_query(struct server_session *session, const void *request,
			    struct server_reply *ret_reply)
{
	struct ask ask = begin(session, request, ret_reply, "SA_QUERY");
	const struct sa *sa = find_own(&ask, session, request);
	uint64_t now_s = (uint64_t)time(NULL);
	struct netlink_sa state;

	if (!sa)
		return;
	ask.reply->error = kernel_sa_query(&ask.xfrmd->kernel, &sa->dst, sa->spi_be, &state);
	if (ask.reply->error < 0)
		return;
	ask.reply->bytes = state.bytes;
	ask.reply->packets = state.packets;
	ask.reply->used_ago_s = now_s > state.used_at_s ? now_s - state.used_at_s : 0;
	if (state.used_at_s == 0)
		ask.reply->used_ago_s = UINT64_MAX;
}

static void answer_sa_del(struct server_session *session, const void *request,
			  struct server_reply *ret_reply)
{
	struct ask ask = begin(session, request, ret_reply, "SA_DEL");
	struct sa *sa = find_own(&ask, session, request);

	if (!sa)
		return;
	ask.reply->error = kernel_sa_del(&ask.xfrmd->kernel, &sa->dst, sa->spi_be);
	if (ask.reply->error == 0 || ask.reply->error == -ESRCH)
		sa_set_gone(ask.xfrmd, sa);
}

static void answer_tunnel_doubt(struct server_session *session, const void *request,
				struct server_reply *ret_reply)
{
	const struct xfrm_tunnel_doubt *asked = request;
	struct ask ask = begin(session, request, ret_reply, "TUNNEL_DOUBT");
	char why[MAX_SENTENCE_BYTES];

	if (asked->is_doubted > 1) {
		refuse(&ask, "a tunnel is doubted (1) or not (0)");
		return;
	}
	ask.reply->error = steer_doubt(ask.xfrmd, asked->if_id, asked->is_doubted);
	if (ask.reply->error == -ENOENT) {
		snprintf(why, sizeof(why), "if_id %u belongs to no tunnel", asked->if_id);
		refuse(&ask, why);
	}
}

const struct server_row answer_rows[] = {
	{ XFRM_REQUEST_HELLO, sizeof(struct xfrm_hello), CONNECTED, "HELLO", answer_hello },
	{ XFRM_REQUEST_SPI_GET, sizeof(struct xfrm_spi_get), READY, "SPI_GET", answer_spi_get },
	{ XFRM_REQUEST_SA_ADD, sizeof(struct xfrm_sa_add), READY, "SA_ADD", answer_sa_add },
	{ XFRM_REQUEST_SA_QUERY, sizeof(struct xfrm_sa_ref), READY, "SA_QUERY", answer_sa_query },
	{ XFRM_REQUEST_SA_DEL, sizeof(struct xfrm_sa_ref), READY, "SA_DEL", answer_sa_del },
	{ XFRM_REQUEST_TUNNEL_DOUBT, sizeof(struct xfrm_tunnel_doubt), READY, "TUNNEL_DOUBT",
	  answer_tunnel_doubt },
	{ .name = NULL },
};

static void answer_kernel(struct server_session *session, const void *request,
			  struct server_reply *ret_reply)
{
	const struct status_request *asked = request;
	const struct xfrmd *xfrmd = session->server->config->owner;
	struct status_kernel *status = (struct status_kernel *)ret_reply->bytes;

	*status = (struct status_kernel){ .version = asked->version,
					  .type = asked->type,
					  .error = asked->row == 0 ? 0 : -ENOENT,
					  .up_since_s = xfrmd->up_since_s,
					  .n_tunnels = xfrmd->envelope->head.n_tunnels,
					  .n_requests = xfrmd->n_requests,
					  .n_refusals = xfrmd->n_refusals,
					  .is_iked_connected = xfrmd->session != 0 };
	for (uint32_t i = 0; i < xfrmd->sas.n_used; i++)
		status->n_sas += xfrmd->sas.rows[i].state == SA_STATE_INSTALLED;
	memcpy(status->config_sha256, xfrmd->envelope->head.config_sha256,
	       sizeof(status->config_sha256));
	memcpy(status->last_refusal, xfrmd->last_refusal, sizeof(status->last_refusal));
	ret_reply->len = sizeof(*status);
}

const struct server_row answer_status_rows[] = {
	{ STATUS_REQUEST_KERNEL, sizeof(struct status_request), CONNECTED, "KERNEL",
	  answer_kernel },
	{ .name = NULL },
};
