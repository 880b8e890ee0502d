/* The SAs of this box.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/sa.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "xfrmd/xfrmd.h"

/* Inbound: what the peer still sends on it. Outbound: the kernel takes the youngest SA, but an
 * orphan before one that is past its soft limit (xfrm_state_look_at), so that it must not wait for
 * that. */
#define ORPHAN_GRACE_S 60
#define ORPHAN_OUT_GRACE_S 5

/* The next row in use, from the first on for NULL; NULL at the end. */
static struct sa *next(struct sa_table *table, struct sa *sa)
{
	for (sa = sa ? sa + 1 : table->rows; sa < table->rows + table->n_used; sa++)
		if (sa->state != SA_STATE_FREE)
			return sa;
	return NULL;
}

struct sa *sa_find(struct sa_table *table, const struct addr *dst, uint32_t spi_be)
{
	for (struct sa *sa = NULL; (sa = next(table, sa));)
		if (sa->spi_be == spi_be && addr_equal(&sa->dst, dst))
			return sa;
	return NULL;
}

struct sa *sa_add(struct sa_table *table, const struct sa *sa)
{
	struct sa *row = table->rows;

	while (row < table->rows + table->n_used && row->state != SA_STATE_FREE)
		row++;
	if (row == table->rows + SA_MAX)
		return NULL;
	if (row == table->rows + table->n_used)
		table->n_used++;
	*row = *sa;
	return row;
}

uint64_t sa_out_since_s(struct sa_table *table, uint32_t reqid)
{
	uint64_t since_s = 0;

	for (struct sa *sa = NULL; (sa = next(table, sa));)
		if (sa->state == SA_STATE_INSTALLED && !sa->is_in && sa->reqid == reqid &&
		    (since_s == 0 || sa->since_s < since_s))
			since_s = sa->since_s;
	return since_s;
}

bool sa_make_room(struct xfrmd *xfrmd, uint32_t reqid, bool is_in)
{
	struct sa *oldest = NULL;
	uint32_t n = 0;

	for (struct sa *sa = NULL; (sa = next(&xfrmd->sas, sa));) {
		if (sa->state != SA_STATE_INSTALLED || sa->reqid != reqid || sa->is_in != is_in)
			continue;
		n++;
		if (sa->session != xfrmd->session && (!oldest || sa->since_s < oldest->since_s))
			oldest = sa;
	}
	if (n < SA_MAX_OF_CHILD)
		return true;
	if (!oldest)
		return false;
	kernel_sa_del(&xfrmd->kernel, &oldest->dst, oldest->spi_be);
	sa_set_gone(xfrmd, oldest);
	return true;
}

uint32_t sa_n_reserved(struct sa_table *table, uint32_t if_id)
{
	uint32_t n = 0;

	for (struct sa *sa = NULL; (sa = next(table, sa));)
		n += sa->state == SA_STATE_RESERVED && sa->if_id == if_id;
	return n;
}

void sa_set_gone(struct xfrmd *xfrmd, struct sa *sa)
{
	bool is_sender = sa->state == SA_STATE_INSTALLED && !sa->is_in;

	sa->state = SA_STATE_FREE;
	if (is_sender)
		steer_child(xfrmd, sa->reqid);
}

/* When an SA has to go since newer sessions have both directions of its child; or UINT64_MAX. */
static uint64_t due_s(struct sa_table *table, const struct sa *old)
{
	uint64_t due_s[2] = { UINT64_MAX, UINT64_MAX };
	uint64_t grace_s = old->is_in ? ORPHAN_GRACE_S : ORPHAN_OUT_GRACE_S;

	if (old->state != SA_STATE_INSTALLED)
		return UINT64_MAX;
	for (struct sa *sa = NULL; (sa = next(table, sa));)
		if (sa->state == SA_STATE_INSTALLED && sa->reqid == old->reqid &&
		    sa->session > old->session && sa->since_s + grace_s < due_s[sa->is_in])
			due_s[sa->is_in] = sa->since_s + grace_s;
	return due_s[0] > due_s[1] ? due_s[0] : due_s[1];
}

static void set_orphan_timer(struct xfrmd *xfrmd, uint64_t after_s)
{
	xfrmd->is_orphan_timer_set = loop_timer_set(&xfrmd->orphan_timer, after_s * 1000, 0) == 0;
	if (!xfrmd->is_orphan_timer_set)
		log_warn("SAs that are superseded stay until they expire");
}

void sa_orphans_due(struct loop_timer *timer)
{
	struct xfrmd *xfrmd = loop_owner(timer, struct xfrmd, orphan_timer);
	uint64_t now = clock_now_s(), next_s = UINT64_MAX;

	xfrmd->is_orphan_timer_set = false;
	for (struct sa *sa = NULL; (sa = next(&xfrmd->sas, sa));) {
		uint64_t due = due_s(&xfrmd->sas, sa);

		if (due <= now) {
			log_info("an SA of an older session is superseded if_id=%u reqid=%u",
				 sa->if_id, sa->reqid);
			kernel_sa_del(&xfrmd->kernel, &sa->dst, sa->spi_be);
			sa_set_gone(xfrmd, sa);
		} else if (due < next_s) {
			next_s = due;
		}
	}
	if (next_s != UINT64_MAX)
		set_orphan_timer(xfrmd, next_s - now);
}

void sa_set_installed(struct xfrmd *xfrmd, struct sa *sa, uint32_t reqid)
{
	sa->state = SA_STATE_INSTALLED;
	sa->reqid = reqid;
	sa->since_s = clock_now_s();
	if (!sa->is_in)
		steer_child(xfrmd, reqid);
	for (struct sa *old = NULL; (old = next(&xfrmd->sas, old));)
		if (!xfrmd->is_orphan_timer_set && old->state == SA_STATE_INSTALLED &&
		    old->reqid == reqid && old->session < sa->session)
			set_orphan_timer(xfrmd, ORPHAN_OUT_GRACE_S);
}

void sa_end_session(struct xfrmd *xfrmd)
{
	for (struct sa *sa = NULL; (sa = next(&xfrmd->sas, sa));) {
		if (sa->session != xfrmd->session || sa->state == SA_STATE_INSTALLED)
			continue;
		if (sa->state == SA_STATE_RESERVED)
			kernel_sa_del(&xfrmd->kernel, &sa->dst, sa->spi_be);
		sa->state = SA_STATE_FREE;
	}
}

/* A session that does not read its events loses them; it has to ask (SA_QUERY). */
static void tell(const struct xfrmd *xfrmd, const struct xfrm_event *event)
{
	if (xfrmd->event_fd >= 0 &&
	    send(xfrmd->event_fd, event, sizeof(*event), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_warn("an event did not reach iked type=%u: %s", event->type, strerror(errno));
}

static void on_event(struct xfrmd *xfrmd, const struct xfrm_event *event)
{
	struct sa *sa = sa_find(&xfrmd->sas, &event->dst, event->spi_be);

	if (event->type == XFRM_EVENT_ACQUIRE
		    ? envelope_find_child(xfrmd->envelope, event->reqid) != NULL
		    : sa && sa->state == SA_STATE_INSTALLED)
		tell(xfrmd, event);
	if (event->type == XFRM_EVENT_EXPIRE && event->is_hard && sa) {
		bool is_known = sa->state == SA_STATE_INSTALLED && sa->session == xfrmd->session;

		sa_set_gone(xfrmd, sa);
		if (is_known && xfrmd->session)
			sa->state = SA_STATE_EXPIRED;
	}
}

/* Larval states are left alone: the kernel lets them go (net.core.xfrm_acq_expires). */
static int on_state(const struct nlmsghdr *message, void *context)
{
	struct xfrmd *xfrmd = context;
	const struct envelope_tunnel *tunnel;
	const struct envelope_child *child;
	struct netlink_sa state;
	struct sa *sa;
	bool is_in;
	int rc = netlink_sa_parse(message, &state);

	if (rc < 0 || !state.has_keys)
		return rc;
	child = envelope_find_child(xfrmd->envelope, state.reqid);
	tunnel = child ? &xfrmd->envelope->tunnels[child->tunnel] : NULL;
	is_in = tunnel && addr_equal(&state.src, &tunnel->gateway);
	if (!state.is_esp_tunnel || !tunnel || tunnel->if_id != state.if_id ||
	    !(is_in || addr_equal(&state.dst, &tunnel->gateway))) {
		rc = kernel_sa_del(&xfrmd->kernel, &state.dst, state.spi_be);
		return rc == -ESRCH ? 0 : rc;
	}
	sa = sa_find(&xfrmd->sas, &state.dst, state.spi_be);
	if (!sa)
		sa = sa_add(&xfrmd->sas, &(struct sa){ SA_STATE_INSTALLED, is_in, true, state.src,
						       state.dst, state.spi_be, state.if_id,
						       state.reqid, 0, clock_now_s() });
	if (sa)
		sa->is_seen = true;
	return sa ? 0 : -ENOSPC;
}

int sa_sync(struct xfrmd *xfrmd)
{
	int rc;

	for (struct sa *sa = NULL; (sa = next(&xfrmd->sas, sa));)
		sa->is_seen = sa->state != SA_STATE_INSTALLED;
	rc = kernel_sa_dump(&xfrmd->kernel, on_state, xfrmd);
	for (struct sa *sa = NULL; rc == 0 && (sa = next(&xfrmd->sas, sa));)
		if (!sa->is_seen)
			on_event(xfrmd, &(struct xfrm_event){ .version = XFRM_PROTO_VERSION,
							      .type = XFRM_EVENT_EXPIRE,
							      .is_hard = 1,
							      .spi_be = sa->spi_be,
							      .reqid = sa->reqid,
							      .dst = sa->dst });
	return rc;
}

static int read_event(const struct nlmsghdr *message, void *context)
{
	struct xfrm_event event;

	if (netlink_event_parse(message, &event) == 0)
		on_event(context, &event);
	return 0;
}

void sa_events_ready(struct loop_source *source, uint32_t epoll_events)
{
	struct xfrmd *xfrmd = loop_owner(source, struct xfrmd, kernel.events);
	int rc = netlink_channel_read(source->fd, read_event, xfrmd);

	(void)epoll_events;
	if (rc == -ENOBUFS)
		rc = sa_sync(xfrmd);
	if (rc < 0)
		log_error("cannot follow the kernel's events: %s", strerror(-rc));
}
