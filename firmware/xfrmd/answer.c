/* The requests of xfrm.sock and of xfrmd-status.sock. `grep answer_` lists the attack surface.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/event.h"
#include "proto/status_proto.h"
#include "xfrmd/xfrmd.h"

#define STATE_CONNECTED (1u << 0) /* that of every new session */
#define STATE_READY (1u << 1)	  /* after HELLO */

static struct xfrmd *owner(const struct server_session *session)
{
	return session->server->config->owner;
}

/* Begins the answer to a request: no error, nothing found. */
static struct xfrm_reply *begin(struct xfrmd *xfrmd, const struct xfrm_header *request,
				struct server_reply *out)
{
	struct xfrm_reply *reply = (struct xfrm_reply *)out->bytes;

	xfrmd->n_requests++;
	*reply = (struct xfrm_reply){ .header = *request };
	out->len = sizeof(*reply);
	return reply;
}

static void refuse(struct xfrmd *xfrmd, struct xfrm_reply *reply, const char *request,
		   const char *why)
{
	reply->error = -EACCES;
	snprintf(reply->refusal, sizeof(reply->refusal), "%s", why);
	xfrmd->n_refusals++;
	snprintf(xfrmd->last_refusal, sizeof(xfrmd->last_refusal), "%s", why);
	event_log(EVENT_REFUSED, "request=%s reason=\"%s\"", request, why);
}

static uint64_t unix_time_s(void)
{
	return (uint64_t)time(NULL);
}

static void answer_hello(struct server_session *session, const void *request,
			 struct server_reply *ret_reply)
{
	const struct xfrm_hello *hello = request;
	struct xfrmd *xfrmd = owner(session);
	struct xfrm_reply *reply = begin(xfrmd, &hello->header, ret_reply);
	const uint8_t *sha256 = xfrmd->envelope->head.config_sha256;
	int pair[2];

	memcpy(reply->config_sha256, sha256, sizeof(reply->config_sha256));
	if (memcmp(hello->config_sha256, sha256, sizeof(hello->config_sha256)) != 0) {
		event_log(EVENT_CONFIG_STALE, "session=%llu", (unsigned long long)session->age);
		reply->error = -ESTALE;
		return;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		reply->error = -errno;
		return;
	}
	xfrmd->event_fd = pair[0];
	xfrmd->session = session->age;
	session->state = STATE_READY;
	ret_reply->fds[0] = xfrmd->udp_fds[0];
	ret_reply->fds[1] = xfrmd->udp_fds[1];
	ret_reply->fds[2] = ret_reply->fd_to_close = pair[1];
	ret_reply->n_fds = XFRM_HELLO_N_FDS;
	event_log(EVENT_SESSION, "session=%llu", (unsigned long long)session->age);
}

void answer_end(struct server_session *session)
{
	struct xfrmd *xfrmd = owner(session);

	if (xfrmd->session != session->age)
		return; /* it never said HELLO */
	sa_end_session(xfrmd);
	close(xfrmd->event_fd);
	xfrmd->event_fd = -1;
	xfrmd->session = 0;
	event_log(EVENT_SESSION_END, "session=%llu", (unsigned long long)session->age);
}

static void answer_spi_get(struct server_session *session, const void *request,
			   struct server_reply *ret_reply)
{
	const struct xfrm_spi_get *asked = request;
	struct xfrmd *xfrmd = owner(session);
	struct xfrm_reply *reply = begin(xfrmd, &asked->header, ret_reply);
	struct sa sa = { .state = SA_STATE_RESERVED, .is_in = true, .src = asked->src,
			 .dst = asked->dst, .session = session->age };
	const struct envelope_tunnel *tunnel;
	char why[MAX_SENTENCE_BYTES];

	if (envelope_spi_objection(xfrmd->envelope, asked, &tunnel, why)) {
		refuse(xfrmd, reply, "SPI_GET", why);
		return;
	}
	sa.if_id = tunnel->if_id;
	reply->error = kernel_spi_get(&xfrmd->kernel, asked, sa.if_id, &sa.spi_be);
	if (reply->error < 0)
		return;
	if (!sa_add(&xfrmd->sas, &sa)) {
		kernel_sa_del(&xfrmd->kernel, &sa.dst, sa.spi_be);
		reply->error = -ENOSPC;
		return;
	}
	reply->spi_be = sa.spi_be;
}

static bool is_reserved_for(const struct sa *sa, const struct server_session *session,
			    const struct xfrm_sa_add *asked)
{
	return sa->state == SA_STATE_RESERVED && sa->session == session->age &&
	       sa->if_id == asked->if_id && addr_equal(&sa->src, &asked->src);
}

static void answer_sa_add(struct server_session *session, const void *request,
			  struct server_reply *ret_reply)
{
	const struct xfrm_sa_add *asked = request;
	struct xfrmd *xfrmd = owner(session);
	struct xfrm_reply *reply = begin(xfrmd, &asked->header, ret_reply);
	struct sa *sa = sa_find(&xfrmd->sas, &asked->dst, asked->spi_be);
	enum envelope_spi spi = !sa ? ENVELOPE_SPI_UNKNOWN : ENVELOPE_SPI_TAKEN;
	char why[MAX_SENTENCE_BYTES];

	if (sa && is_reserved_for(sa, session, asked))
		spi = ENVELOPE_SPI_RESERVED;
	if (envelope_objection(xfrmd->envelope, asked, spi, why)) {
		refuse(xfrmd, reply, "SA_ADD", why);
		return;
	}
	if (!sa) /* outbound; its row comes first, so that there is room for what the kernel takes */
		sa = sa_add(&xfrmd->sas, &(struct sa){ SA_STATE_RESERVED, false, false, asked->src,
						       asked->dst, asked->spi_be, asked->if_id,
						       asked->reqid, session->age, 0 });
	reply->error = sa ? kernel_sa_add(&xfrmd->kernel, asked) : -ENOSPC;
	if (reply->error == 0)
		sa_set_installed(xfrmd, sa, asked->reqid);
	else if (sa && !sa->is_in)
		sa_del(sa);
}

/* The SA that a reference names, if it is of this box and may be touched; else refuses. */
static struct sa *find_own(struct server_session *session, const struct xfrm_sa_ref *ref,
			   const char *request, struct xfrm_reply *reply)
{
	struct xfrmd *xfrmd = owner(session);
	struct sa *sa = sa_find(&xfrmd->sas, &ref->dst, ref->spi_be);
	char why[MAX_SENTENCE_BYTES], text[ADDR_TEXT_BYTES];

	if (sa && sa->if_id == ref->if_id && addr_equal(&sa->src, &ref->src) &&
	    (sa->state == SA_STATE_INSTALLED || sa->session == session->age))
		return sa;
	snprintf(why, sizeof(why), "SPI 0x%x to %s with if_id %u is no SA of this box",
		 ntohl(ref->spi_be), addr_print(&ref->dst, text), ref->if_id);
	refuse(xfrmd, reply, request, why);
	return NULL;
}

static void answer_sa_query(struct server_session *session, const void *request,
			    struct server_reply *ret_reply)
{
	const struct xfrm_sa_ref *ref = request;
	struct xfrmd *xfrmd = owner(session);
	struct xfrm_reply *reply = begin(xfrmd, &ref->header, ret_reply);
	struct sa *sa = find_own(session, ref, "SA_QUERY", reply);
	uint64_t now_s = unix_time_s();
	struct netlink_sa state;

	if (!sa)
		return;
	reply->error = kernel_sa_query(&xfrmd->kernel, &sa->dst, sa->spi_be, &state);
	if (reply->error < 0)
		return;
	reply->bytes = state.bytes;
	reply->packets = state.packets;
	reply->used_ago_s = state.used_at_s == 0     ? UINT64_MAX
			    : state.used_at_s < now_s ? now_s - state.used_at_s
						      : 0;
}

static void answer_sa_del(struct server_session *session, const void *request,
			  struct server_reply *ret_reply)
{
	const struct xfrm_sa_ref *ref = request;
	struct xfrmd *xfrmd = owner(session);
	struct xfrm_reply *reply = begin(xfrmd, &ref->header, ret_reply);
	struct sa *sa = find_own(session, ref, "SA_DEL", reply);

	if (!sa)
		return;
	reply->error = kernel_sa_del(&xfrmd->kernel, &sa->dst, sa->spi_be);
	if (reply->error == 0 || reply->error == -ESRCH)
		sa_del(sa);
}

const struct server_row answer_rows[] = {
	{ XFRM_REQUEST_HELLO, sizeof(struct xfrm_hello), STATE_CONNECTED, "HELLO", answer_hello },
	{ XFRM_REQUEST_SPI_GET, sizeof(struct xfrm_spi_get), STATE_READY, "SPI_GET", answer_spi_get },
	{ XFRM_REQUEST_SA_ADD, sizeof(struct xfrm_sa_add), STATE_READY, "SA_ADD", answer_sa_add },
	{ XFRM_REQUEST_SA_QUERY, sizeof(struct xfrm_sa_ref), STATE_READY, "SA_QUERY", answer_sa_query },
	{ XFRM_REQUEST_SA_DEL, sizeof(struct xfrm_sa_ref), STATE_READY, "SA_DEL", answer_sa_del },
	{ .name = NULL },
};

static void answer_kernel(struct server_session *session, const void *request,
			  struct server_reply *ret_reply)
{
	const struct status_request *asked = request;
	const struct xfrmd *xfrmd = owner(session);
	struct status_kernel *status = (struct status_kernel *)ret_reply->bytes;

	*status = (struct status_kernel){ .version = asked->version,
					  .type = asked->type,
					  .error = asked->row == 0 ? 0 : -ENOENT,
					  .up_since_s = xfrmd->up_since_s,
					  .n_tunnels = xfrmd->envelope->head.n_tunnels,
					  .n_sas = sa_count_installed(&xfrmd->sas),
					  .n_requests = xfrmd->n_requests,
					  .n_refusals = xfrmd->n_refusals,
					  .is_iked_connected = xfrmd->session != 0 };
	memcpy(status->config_sha256, xfrmd->envelope->head.config_sha256,
	       sizeof(status->config_sha256));
	memcpy(status->last_refusal, xfrmd->last_refusal, sizeof(status->last_refusal));
	ret_reply->len = sizeof(*status);
}

const struct server_row answer_status_rows[] = {
	{ STATUS_REQUEST_KERNEL, sizeof(struct status_request), STATE_CONNECTED, "KERNEL", answer_kernel },
	{ .name = NULL },
};
