/* xfrmd's request socket: whatever a taken-over iked asks, in whatever order, no SA outside the
 * envelope reaches the kernel, and every answer is whole.
 *
 * The input is a sequence of steps. A step begins with its kind; a request's bytes follow, and what
 * is missing at the end is zero. Version and type are set right, but for raw datagrams.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "fake_kernel.h"
#include "proto/status_proto.h"
#include "sample.h"
#include "xfrmd/xfrmd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

enum step {
	STEP_SESSION = 0, /* the session ends, another begins */
	/* 1 to 5: the requests of xfrm_proto.h; the SPI reserved last is put in for SPI 0 */
	STEP_RAW = 6,	       /* a length and as many bytes, as they are */
	STEP_KERNEL_FAILS = 7, /* the next thing that the kernel is asked */
	STEP_ORPHANS = 8,
	STEP_SYNC = 9, /* the kernel shows the SA that was installed last */
	STEP_DOUBT = 10,
	STEP_SETTLED = 11,
};

static struct envelope envelope;
static struct xfrmd xfrmd;
static const struct server_config config = {
	.name = "fuzz",
	.n_sessions = 1,
	.version = XFRM_PROTO_VERSION,
	.rows = answer_rows,
	.owner = &xfrmd,
};
static struct server server = { .config = &config };
static struct server_session session = { .server = &server };

/* What this session may use, noted apart from xfrmd's own table. */
static struct reservation {
	uint32_t spi_be;
	struct addr src, dst;
} reserved[64];
static size_t n_reserved;

static bool is_reserved(const struct xfrm_sa_add *sa)
{
	for (size_t i = 0; i < n_reserved; i++)
		if (reserved[i].spi_be == sa->spi_be && addr_equal(&reserved[i].src, &sa->src) &&
		    addr_equal(&reserved[i].dst, &sa->dst))
			return true;
	return n_reserved == countof(reserved); /* lost count */
}

static bool has_suite(const struct envelope_tunnel *tunnel, const struct xfrm_sa_add *sa)
{
	for (uint32_t i = 0; i < tunnel->n_suites; i++)
		if (tunnel->suites[i].encr == sa->encr && tunnel->suites[i].integ == sa->integ &&
		    encr_key_bytes(sa->encr, tunnel->suites[i].key_bits) == sa->encr_key_bytes &&
		    integ_key_bytes(sa->integ) == sa->integ_key_bytes)
			return true;
	return false;
}

/* The judge's judge: what must hold for each SA that reaches the kernel. */
static void require_inside(const struct xfrm_sa_add *sa)
{
	bool is_in = sa->direction == XFRM_DIRECTION_IN;
	const struct addr *peer = is_in ? &sa->src : &sa->dst;

	require(is_in || sa->direction == XFRM_DIRECTION_OUT);
	require(sa->protocol == IPPROTO_ESP && sa->mode == XFRM_MODE_TUNNEL_ASKED);
	require(ntohl(sa->spi_be) >= 256);
	require(!is_in || is_reserved(sa));
	for (uint32_t i = 0; i < envelope.head.n_children; i++) {
		const struct envelope_child *child = &envelope.children[i];
		const struct envelope_tunnel *tunnel = &envelope.tunnels[child->tunnel];

		if (child->reqid != sa->reqid)
			continue;
		require(tunnel->if_id == sa->if_id && addr_equal(&tunnel->gateway, peer));
		require(prefix_contains(&child->local, &sa->local));
		require(prefix_contains(&child->remote, &sa->remote));
		require(sa->hard_s > 0 && sa->hard_s <= tunnel->max_life_s);
		require(has_suite(tunnel, sa));
		return;
	}
	require(!"a child of that reqid");
}

static void new_session(void)
{
	static uint64_t age;

	answer_end(&session);
	n_reserved = 0;
	session = (struct server_session){
		.source.fd = 1, .server = &server, .state = 1, .age = ++age
	};
}

static void begin(void)
{
	static bool is_set_up;

	if (!is_set_up) {
		log_open("fuzz", LOG_LEVEL_ERROR);
		sample_envelope(&envelope);
		xfrmd.envelope = &envelope;
		xfrmd.event_fd = -1;
		require(loop_init(&xfrmd.loop) == 0);
		require(loop_timer_open(&xfrmd.loop, &xfrmd.orphan_timer) == 0);
		require(loop_timer_open(&xfrmd.loop, &xfrmd.steer_timer) == 0);
		is_set_up = true;
	}
	memset(xfrmd.sas.rows, 0, xfrmd.sas.n_used * sizeof(xfrmd.sas.rows[0]));
	xfrmd.sas.n_used = 0;
	memset(xfrmd.steer.is_doubted, 0, sizeof(xfrmd.steer.is_doubted));
	fake_kernel = (struct fake_kernel){ .on_add = require_inside };
	require(steer_all(&xfrmd) == 0);
	new_session();
}

static void check_reply(const struct server_reply *out, const struct xfrm_header *request)
{
	const struct xfrm_reply *reply = (const struct xfrm_reply *)out->bytes;

	require(out->len == sizeof(*reply));
	require(memcmp(&reply->header, request, sizeof(*request)) == 0);
	require(reply->error <= 0);
	require(memchr(reply->refusal, '\0', sizeof(reply->refusal)));
	require((reply->error == -EACCES) == (reply->refusal[0] != '\0'));
	require(out->n_fds == 0 || out->n_fds == XFRM_HELLO_N_FDS);
}

static void note_reservation(const struct xfrm_spi_get *request, const struct server_reply *out)
{
	const struct xfrm_reply *reply = (const struct xfrm_reply *)out->bytes;

	if (request->header.type != XFRM_REQUEST_SPI_GET || reply->error != 0)
		return;
	require(reply->spi_be != 0);
	if (n_reserved < countof(reserved))
		reserved[n_reserved++] =
			(struct reservation){ reply->spi_be, request->src, request->dst };
}

static void dispatch(const void *request, size_t len)
{
	struct server_reply out;

	if (server_dispatch(&session, request, len, &out) < 0) {
		new_session(); /* as the server does */
		return;
	}
	check_reply(&out, request);
	note_reservation(request, &out);
	if (out.fd_to_close >= 0)
		close(out.fd_to_close);
}

static void put_last_spi(void *request, uint16_t type)
{
	uint32_t *spi_be = type == XFRM_REQUEST_SA_ADD ? &((struct xfrm_sa_add *)request)->spi_be
						       : &((struct xfrm_sa_ref *)request)->spi_be;

	if (type >= XFRM_REQUEST_SA_ADD && *spi_be == 0 && n_reserved > 0)
		*spi_be = reserved[n_reserved - 1].spi_be;
}

/* Runs one step; returns how many bytes it took. */
static size_t run_request(uint16_t type, const uint8_t *data, size_t size)
{
	static const size_t sizes[] = { 0,
					sizeof(struct xfrm_hello),
					sizeof(struct xfrm_spi_get),
					sizeof(struct xfrm_sa_add),
					sizeof(struct xfrm_sa_ref),
					sizeof(struct xfrm_sa_ref),
					sizeof(struct xfrm_tunnel_doubt) };
	uint8_t request[SERVER_MAX_MESSAGE_BYTES] __attribute__((aligned(8))) = { 0 };
	struct xfrm_header *header = (struct xfrm_header *)request;
	size_t body = sizes[type] - sizeof(*header);
	size_t taken = size < body ? size : body;

	if (taken > 0)
		memcpy(request + sizeof(*header), data, taken);
	*header = (struct xfrm_header){ XFRM_PROTO_VERSION, type, 5 };
	if (type != XFRM_REQUEST_TUNNEL_DOUBT)
		put_last_spi(request, type);
	dispatch(request, sizes[type]);
	return taken;
}

static size_t run_raw(const uint8_t *data, size_t size)
{
	uint8_t request[SERVER_MAX_MESSAGE_BYTES] __attribute__((aligned(8))) = { 0 };
	size_t len = size > 0 ? data[0] : 0;

	if (size == 0)
		return 0;
	len = len < size - 1 ? len : size - 1;
	memcpy(request, data + 1, len);
	dispatch(request, len);
	return 1 + len;
}

static size_t run_step(uint8_t kind, const uint8_t *data, size_t size)
{
	static struct xfrm_sa_add shown;

	switch (kind) {
	case STEP_SESSION:
		new_session();
		return 0;
	case STEP_RAW:
		return run_raw(data, size);
	case STEP_KERNEL_FAILS:
		fake_kernel.next_error = -ENOMEM;
		return 0;
	case STEP_ORPHANS:
		sa_orphans_due(&xfrmd.orphan_timer);
		return 0;
	case STEP_DOUBT:
		return run_request(XFRM_REQUEST_TUNNEL_DOUBT, data, size);
	case STEP_SETTLED:
		steer_settled(&xfrmd.steer_timer);
		return 0;
	case STEP_SYNC:
		shown = fake_kernel.last_add;
		fake_kernel.dump[0] = fake_kernel.n_adds > 0 ? &shown : NULL;
		require(sa_sync(&xfrmd) <= 0);
		return 0;
	default:
		return run_request(kind, data, size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	begin();
	while (size > 0) {
		uint8_t kind = data[0] % (STEP_SETTLED + 1);
		size_t taken;

		data++;
		size--;
		taken = run_step(kind, data, size);
		data += taken;
		size -= taken;
	}
	answer_end(&session);
	return 0;
}
