/* Which tunnels carry a destination.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/steer.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "xfrmd/xfrmd.h"

/* Best first; the order of the header's drawing. */
enum condition { CONDITION_SETTLED, CONDITION_FRESH, CONDITION_DOUBTED, CONDITION_DOWN };

static enum condition condition(const struct envelope *envelope, const struct steer *steer,
				uint32_t child, uint64_t now_s)
{
	uint64_t since_s = steer->up_since_s[child];

	if (since_s == 0)
		return CONDITION_DOWN;
	if (steer->is_doubted[envelope->children[child].tunnel])
		return CONDITION_DOUBTED;
	return now_s < since_s + STEER_SETTLE_S ? CONDITION_FRESH : CONDITION_SETTLED;
}

struct steer_paths steer_choose(const struct envelope *envelope, const struct steer *steer,
				const struct prefix *dst, uint64_t now_s)
{
	uint32_t max = dst->addr.family == ADDR_FAMILY_IPV6 ? 1 : NETLINK_ROUTE_MAX_PATHS;
	struct steer_paths paths = { 0 };
	uint32_t best = UINT32_MAX;

	for (uint32_t i = 0; i < envelope->head.n_children; i++) {
		const struct envelope_child *child = &envelope->children[i];
		uint32_t rank = (uint32_t)condition(envelope, steer, i, now_s) << 16 |
				envelope->tunnels[child->tunnel].priority;

		if (rank > best || !prefix_contains(&child->remote, dst))
			continue;
		if (rank < best)
			paths = (struct steer_paths){ 0 };
		best = rank;
		/* the children of a tunnel follow each other */
		if (paths.n < max && (paths.n == 0 || paths.tunnels[paths.n - 1] != child->tunnel))
			paths.tunnels[paths.n++] = child->tunnel;
	}
	return paths;
}

static bool is_listed(const struct steer *steer, const struct prefix *dst)
{
	for (uint32_t i = 0; i < steer->n_dsts; i++)
		if (prefix_equal(&steer->dsts[i].prefix, dst))
			return true;
	return false;
}

/* Every destination once, from the children and the prefixes. */
static void list_dsts(const struct envelope *envelope, struct steer *steer)
{
	for (uint32_t i = 0; i < envelope->head.n_children; i++) {
		for (uint32_t n = 0; n < envelope->head.n_prefixes; n++) {
			const struct prefix *dst =
				envelope_route(&envelope->children[i], &envelope->prefixes[n]);

			if (dst && !is_listed(steer, dst))
				steer->dsts[steer->n_dsts++].prefix = *dst;
		}
	}
}

static void queue_route(struct xfrmd *xfrmd, const struct steer_dst *dst)
{
	struct netlink_route route = { .dst = dst->prefix,
				       .metric = STEER_METRIC,
				       .n_paths = dst->paths.n };

	for (uint32_t i = 0; i < route.n_paths; i++)
		route.if_indexes[i] = xfrmd->install.if_indexes[dst->paths.tunnels[i]];
	kernel_route_put(&xfrmd->kernel, &route);
}

/* Moves the routes whose tunnels have changed, of those that lie in `within`. */
static int move(struct xfrmd *xfrmd, const struct prefix *within)
{
	struct steer *steer = &xfrmd->steer;
	uint64_t now_s = clock_now_s();

	for (uint32_t i = 0; i < steer->n_dsts; i++) {
		struct steer_dst *dst = &steer->dsts[i];
		struct steer_paths paths;

		if (within && !prefix_contains(within, &dst->prefix))
			continue;
		paths = steer_choose(xfrmd->envelope, steer, &dst->prefix, now_s);
		if (memcmp(&paths, &dst->paths, sizeof(paths)) == 0)
			continue;
		dst->paths = paths;
		queue_route(xfrmd, dst);
	}
	return kernel_route_flush(&xfrmd->kernel);
}

static int move_and_tell(struct xfrmd *xfrmd, const struct prefix *within)
{
	int rc = move(xfrmd, within);

	if (rc < 0)
		log_error("cannot move the routes into the tunnels: %s", strerror(-rc));
	return rc;
}

static void settle_later(struct xfrmd *xfrmd)
{
	if (loop_timer_set(&xfrmd->steer_timer, STEER_SETTLE_S * 1000, 0) < 0)
		log_warn("a tunnel that came back gets its traffic at the next change");
}

void steer_settled(struct loop_timer *timer)
{
	(void)!move_and_tell(loop_owner(timer, struct xfrmd, steer_timer), NULL);
}

int steer_all(struct xfrmd *xfrmd)
{
	const struct envelope *envelope = xfrmd->envelope;
	struct steer *steer = &xfrmd->steer;

	memset(steer->dsts, 0, sizeof(steer->dsts));
	steer->n_dsts = 0;
	list_dsts(envelope, steer);
	for (uint32_t i = 0; i < envelope->head.n_children; i++)
		steer->up_since_s[i] = sa_out_since_s(&xfrmd->sas, envelope->children[i].reqid);
	settle_later(xfrmd);
	return move(xfrmd, NULL);
}

void steer_child(struct xfrmd *xfrmd, uint32_t reqid)
{
	const struct envelope_child *child = envelope_find_child(xfrmd->envelope, reqid);
	uint64_t since_s = sa_out_since_s(&xfrmd->sas, reqid), *known_s;

	if (!child) /* of an older configuration */
		return;
	known_s = &xfrmd->steer.up_since_s[child - xfrmd->envelope->children];
	if (*known_s != 0 && since_s != 0)
		return; /* rekeyed: it has been up all the time */
	*known_s = since_s;
	if (since_s != 0)
		settle_later(xfrmd);
	(void)!move_and_tell(xfrmd, &child->remote);
}

int steer_doubt(struct xfrmd *xfrmd, uint32_t if_id, bool is_doubted)
{
	const struct envelope_tunnel *tunnel = envelope_find_tunnel(xfrmd->envelope, if_id);
	bool *known = tunnel ? &xfrmd->steer.is_doubted[tunnel - xfrmd->envelope->tunnels] : NULL;

	if (!known)
		return -ENOENT;
	if (*known != is_doubted) {
		*known = is_doubted;
		if (event_pass(&xfrmd->told, clock_now_s()))
			event_log(is_doubted ? EVENT_DOUBTED : EVENT_TRUSTED, "tunnel=%s",
				  tunnel->name);
		return move_and_tell(xfrmd, NULL);
	}
	return 0;
}
