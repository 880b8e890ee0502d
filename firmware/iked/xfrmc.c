/* The asking end of the channel to xfrmd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/xfrmc.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/secret.h"
#include "runtime/client.h"

struct xfrmc {
	const char *path;
	uint8_t config_sha256[32];
	pthread_mutex_t lock; /* guards the next three; held while a request is in flight */
	int fd;		      /* -1: no connection */
	int event_fd;
	uint32_t sequence;
	pthread_mutex_t failure_lock; /* guards the next */
	char failure[MAX_SENTENCE_BYTES];
};

static const char *const request_names[] = {
	[XFRM_REQUEST_HELLO] = "HELLO",	  [XFRM_REQUEST_SPI_GET] = "SPI_GET",
	[XFRM_REQUEST_SA_ADD] = "SA_ADD", [XFRM_REQUEST_SA_QUERY] = "SA_QUERY",
	[XFRM_REQUEST_SA_DEL] = "SA_DEL", [XFRM_REQUEST_TUNNEL_DOUBT] = "TUNNEL_DOUBT",
};

int xfrmc_new(const char *path, const uint8_t config_sha256[static 32], struct xfrmc **ret_xfrmc)
{
	struct xfrmc *xfrmc = calloc(1, sizeof(*xfrmc));

	if (!xfrmc)
		return -ENOMEM;
	xfrmc->path = path;
	memcpy(xfrmc->config_sha256, config_sha256, sizeof(xfrmc->config_sha256));
	pthread_mutex_init(&xfrmc->lock, NULL);
	pthread_mutex_init(&xfrmc->failure_lock, NULL);
	xfrmc->fd = -1;
	xfrmc->event_fd = -1;
	*ret_xfrmc = xfrmc;
	return 0;
}

/* The event descriptor stays, hung up: it is what wakes the owner. */
static void drop_connection(struct xfrmc *xfrmc)
{
	if (xfrmc->fd < 0)
		return;
	close(xfrmc->fd);
	xfrmc->fd = -1;
	if (xfrmc->event_fd >= 0)
		shutdown(xfrmc->event_fd, SHUT_RDWR);
}

static void close_locked(struct xfrmc *xfrmc)
{
	drop_connection(xfrmc);
	if (xfrmc->event_fd >= 0)
		close(xfrmc->event_fd);
	xfrmc->event_fd = -1;
}

void xfrmc_close(struct xfrmc *xfrmc)
{
	pthread_mutex_lock(&xfrmc->lock);
	close_locked(xfrmc);
	pthread_mutex_unlock(&xfrmc->lock);
}

void xfrmc_free(struct xfrmc *xfrmc)
{
	if (!xfrmc)
		return;
	xfrmc_close(xfrmc);
	pthread_mutex_destroy(&xfrmc->lock);
	pthread_mutex_destroy(&xfrmc->failure_lock);
	free(xfrmc);
}

static void note_failure(struct xfrmc *xfrmc, const struct xfrm_header *header, int error,
			 const struct xfrm_reply *reply)
{
	const char *name = request_names[header->type];

	pthread_mutex_lock(&xfrmc->failure_lock);
	if (error == -EACCES)
		snprintf(xfrmc->failure, sizeof(xfrmc->failure), "xfrmd refused: %.*s",
			 (int)sizeof(xfrmc->failure) - 20, reply->refusal);
	else
		snprintf(xfrmc->failure, sizeof(xfrmc->failure), "xfrmd could not do %s: %s", name,
			 strerror(-error));
	pthread_mutex_unlock(&xfrmc->failure_lock);
	if (error == -EACCES)
		log_warn("xfrmd refused a request request=%s reason=\"%s\"", name, reply->refusal);
	else
		log_debug("a request failed request=%s error=\"%s\"", name, strerror(-error));
}

/* One exchange. Returns what client_ask returns; a reply that is not to this request breaks the
 * connection, as every other disorder does. */
static int exchange(struct xfrmc *xfrmc, struct xfrm_header *request, size_t size,
		    struct xfrm_reply *ret_reply, int *ret_fds, int n_fds)
{
	int rc;

	if (xfrmc->fd < 0)
		return -ENOTCONN;
	request->version = XFRM_PROTO_VERSION;
	request->sequence = ++xfrmc->sequence;
	rc = client_ask(xfrmc->fd, request, size, ret_reply, sizeof(*ret_reply), ret_fds, n_fds,
			XFRMC_TIMEOUT_MS);
	if (rc >= 0 && (ret_reply->header.version != XFRM_PROTO_VERSION ||
			ret_reply->header.type != request->type ||
			ret_reply->header.sequence != request->sequence || ret_reply->error > 0 ||
			ret_reply->refusal[sizeof(ret_reply->refusal) - 1] != '\0')) {
		for (int i = 0; i < rc; i++)
			close(ret_fds[i]);
		rc = -EPROTO;
	}
	if (rc < 0)
		drop_connection(xfrmc);
	return rc;
}

static int ask(struct xfrmc *xfrmc, struct xfrm_header *request, size_t size,
	       struct xfrm_reply *ret_reply)
{
	int no_fds[1]; /* a descriptor that comes along is closed and an error */
	int rc;

	pthread_mutex_lock(&xfrmc->lock);
	rc = exchange(xfrmc, request, size, ret_reply, no_fds, 0);
	if (rc == 0)
		rc = ret_reply->error;
	if (rc < 0)
		note_failure(xfrmc, request, rc, ret_reply);
	pthread_mutex_unlock(&xfrmc->lock);
	return rc;
}

static int hello(struct xfrmc *xfrmc, int ret_fds[static XFRM_HELLO_N_FDS])
{
	struct xfrm_hello request = { .header.type = XFRM_REQUEST_HELLO };
	struct xfrm_reply reply = { 0 };
	int n;

	memcpy(request.config_sha256, xfrmc->config_sha256, sizeof(request.config_sha256));
	n = exchange(xfrmc, &request.header, sizeof(request), &reply, ret_fds, XFRM_HELLO_N_FDS);
	if (n < 0)
		return n;
	if (reply.error == 0 && n == XFRM_HELLO_N_FDS)
		return 0;
	for (int i = 0; i < n; i++)
		close(ret_fds[i]);
	return reply.error < 0 ? reply.error : -EPROTO;
}

int xfrmc_open(struct xfrmc *xfrmc, int ret_udp[static 2])
{
	int fds[XFRM_HELLO_N_FDS];
	int rc;

	pthread_mutex_lock(&xfrmc->lock);
	close_locked(xfrmc);
	rc = client_connect(xfrmc->path, &xfrmc->fd);
	if (rc == 0)
		rc = hello(xfrmc, fds);
	if (rc == 0) {
		ret_udp[0] = fds[0];
		ret_udp[1] = fds[1];
		xfrmc->event_fd = fds[2];
	} else {
		drop_connection(xfrmc);
	}
	pthread_mutex_unlock(&xfrmc->lock);
	return rc;
}

int xfrmc_event_fd(struct xfrmc *xfrmc)
{
	int fd;

	pthread_mutex_lock(&xfrmc->lock);
	fd = xfrmc->event_fd;
	pthread_mutex_unlock(&xfrmc->lock);
	return fd;
}

int xfrmc_event_read(struct xfrmc *xfrmc, struct xfrm_event *ret_event)
{
	struct xfrm_event event;
	ssize_t n = recv(xfrmc_event_fd(xfrmc), &event, sizeof(event), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : -EPIPE;
	if (n == 0)
		return -EPIPE;
	if (n != sizeof(event) || event.version != XFRM_PROTO_VERSION)
		return -EPROTO;
	*ret_event = event;
	return 0;
}

int xfrmc_spi_get(struct xfrmc *xfrmc, const struct addr *src, const struct addr *dst,
		  uint32_t *ret_spi_be)
{
	struct xfrm_spi_get request = { .header.type = XFRM_REQUEST_SPI_GET,
					.src = *src,
					.dst = *dst };
	struct xfrm_reply reply = { 0 };
	int rc = ask(xfrmc, &request.header, sizeof(request), &reply);

	if (rc == 0)
		*ret_spi_be = reply.spi_be;
	return rc;
}

int xfrmc_sa_add(struct xfrmc *xfrmc, struct xfrm_sa_add *sa)
{
	struct xfrm_reply reply = { 0 };
	int rc;

	sa->header.type = XFRM_REQUEST_SA_ADD;
	rc = ask(xfrmc, &sa->header, sizeof(*sa), &reply);
	secret_wipe_bytes(sa, sizeof(*sa));
	return rc;
}

int xfrmc_sa_query(struct xfrmc *xfrmc, struct xfrm_sa_ref *ref, struct xfrmc_use *ret_use)
{
	struct xfrm_reply reply = { 0 };
	int rc;

	ref->header.type = XFRM_REQUEST_SA_QUERY;
	rc = ask(xfrmc, &ref->header, sizeof(*ref), &reply);
	if (rc == 0)
		*ret_use = (struct xfrmc_use){ .bytes = reply.bytes,
					       .packets = reply.packets,
					       .used_ago_s = reply.used_ago_s };
	return rc;
}

int xfrmc_sa_del(struct xfrmc *xfrmc, struct xfrm_sa_ref *ref)
{
	struct xfrm_reply reply = { 0 };

	ref->header.type = XFRM_REQUEST_SA_DEL;
	return ask(xfrmc, &ref->header, sizeof(*ref), &reply);
}

int xfrmc_tunnel_doubt(struct xfrmc *xfrmc, uint32_t if_id, bool is_doubted)
{
	struct xfrm_tunnel_doubt request = { .header.type = XFRM_REQUEST_TUNNEL_DOUBT,
					     .if_id = if_id,
					     .is_doubted = is_doubted };
	struct xfrm_reply reply = { 0 };

	return ask(xfrmc, &request.header, sizeof(request), &reply);
}

void xfrmc_last_failure(struct xfrmc *xfrmc, char ret_text[static MAX_SENTENCE_BYTES])
{
	pthread_mutex_lock(&xfrmc->failure_lock);
	memcpy(ret_text, xfrmc->failure, MAX_SENTENCE_BYTES);
	pthread_mutex_unlock(&xfrmc->failure_lock);
}
