/* A look at all SAs of libcharon.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_look.h"

void charon_look_init(struct charon_look *look, charon_peers_t *peers, size_t n_tunnels)
{
	*look = (struct charon_look){
		.peers = peers,
		.n = n_tunnels,
		.tunnels = calloc(n_tunnels + 1, sizeof(struct seen_tunnel)),
		.ikes = array_create(sizeof(struct seen_ike), 0),
		.children = array_create(sizeof(struct seen_child), 0),
		.lost = array_create(sizeof(uint32_t), 0),
	};
	for (size_t i = 0; i < n_tunnels; i++) {
		struct seen_tunnel *seen = &look->tunnels[i];

		seen->n_children = peers->n_children(peers, i);
		seen->n_installed = calloc(seen->n_children, sizeof(*seen->n_installed));
	}
}

void charon_look_deinit(struct charon_look *look)
{
	for (size_t i = 0; i < look->n; i++)
		free(look->tunnels[i].n_installed);
	free(look->tunnels);
	array_destroy(look->ikes);
	array_destroy(look->children);
	array_destroy(look->lost);
}

static void forget(struct charon_look *look)
{
	while (array_remove(look->ikes, ARRAY_TAIL, NULL))
		;
	while (array_remove(look->children, ARRAY_TAIL, NULL))
		;
	while (array_remove(look->lost, ARRAY_TAIL, NULL))
		;
	for (size_t i = 0; i < look->n; i++) {
		struct seen_tunnel *seen = &look->tunnels[i];

		memset(seen->n_installed, 0, seen->n_children * sizeof(*seen->n_installed));
		seen->n_installed_all = seen->n_ikes = seen->ike_id = 0;
		seen->is_busy = FALSE;
	}
}

static bool creates_child(ike_sa_t *ike_sa, task_queue_t queue)
{
	enumerator_t *tasks = ike_sa->create_task_enumerator(ike_sa, queue);
	bool is_found = FALSE;
	task_t *task;

	while (tasks->enumerate(tasks, &task))
		if (task->get_type(task) == TASK_CHILD_CREATE)
			is_found = TRUE;
	tasks->destroy(tasks);
	return is_found;
}

static uint32_t hash_selectors(child_sa_t *child_sa)
{
	traffic_selector_t *selector;
	uint32_t hash = 0;

	for (int is_local = 0; is_local <= 1; is_local++) {
		enumerator_t *selectors = child_sa->create_ts_enumerator(child_sa, is_local);

		while (selectors->enumerate(selectors, &selector))
			hash = selector->hash(selector, hash + 1);
		selectors->destroy(selectors);
	}
	return hash;
}

/* One that we send with. While the gateway rekeys that is the old one, until its DELETE comes, and
 * the new one only receives; in a chain of colliding rekeyings libcharon 6.1.0 can forget to go on
 * from there, and the tunnel would receive and never send. */
static bool can_send(child_sa_t *child_sa)
{
	switch (child_sa->get_state(child_sa)) {
	case CHILD_INSTALLED:
	case CHILD_UPDATING:
	case CHILD_REKEYING:
	case CHILD_REKEYED:
		return (child_sa->get_outbound_state(child_sa) & CHILD_OUTBOUND_SA) != 0;
	default:
		return FALSE;
	}
}

static void look_at_child(struct charon_look *look, int tunnel, ike_sa_t *ike_sa,
			  child_sa_t *child_sa)
{
	struct seen_tunnel *seen = &look->tunnels[tunnel];
	int child = look->peers->find_child(look->peers, tunnel, child_sa->get_config(child_sa));
	bool is_settled = child_sa->get_state(child_sa) == CHILD_INSTALLED &&
			  !child_sa->get_rekey_sa(child_sa);
	struct seen_child entry;

	if (child < 0)
		return;
	if (can_send(child_sa)) {
		seen->n_installed[child]++;
		seen->n_installed_all++;
	} else if (!is_settled) {
		return;
	}
	entry = (struct seen_child){ .tunnel = (uint32_t)tunnel,
				     .child = (uint32_t)child,
				     .selectors = hash_selectors(child_sa),
				     .ike_id = ike_sa->get_unique_id(ike_sa),
				     .id = child_sa->get_unique_id(child_sa),
				     .since_s = (uint64_t)child_sa->get_installtime(child_sa),
				     .is_mute = !can_send(child_sa),
				     .is_busy = !is_settled };
	array_insert(look->children, ARRAY_TAIL, &entry);
}

static void look_at_established(struct charon_look *look, int tunnel, ike_sa_t *ike_sa)
{
	struct seen_tunnel *seen = &look->tunnels[tunnel];
	struct seen_ike entry = { .tunnel = (uint32_t)tunnel,
				  .id = ike_sa->get_unique_id(ike_sa),
				  .since_s = ike_sa->get_statistic(ike_sa, STAT_ESTABLISHED) };
	enumerator_t *children = ike_sa->create_child_sa_enumerator(ike_sa);
	child_sa_t *child_sa;

	while (children->enumerate(children, &child_sa))
		look_at_child(look, tunnel, ike_sa, child_sa);
	children->destroy(children);
	if (creates_child(ike_sa, TASK_QUEUE_ACTIVE) || creates_child(ike_sa, TASK_QUEUE_QUEUED))
		seen->is_busy = TRUE;
	seen->ike_id = entry.id;
	seen->n_ikes++;
	array_insert(look->ikes, ARRAY_TAIL, &entry);
}

/* Only what we began counts: half-open IKE SAs that a stranger began must not hold us up. */
static void look_at_connecting(struct charon_look *look, int tunnel, ike_sa_t *ike_sa)
{
	struct seen_tunnel *seen = &look->tunnels[tunnel];

	if (!ike_sa->has_condition(ike_sa, COND_ORIGINAL_INITIATOR))
		return;
	seen->is_busy = TRUE;
	if (!seen->ike_id)
		seen->ike_id = ike_sa->get_unique_id(ike_sa);
}

/* True when packets to the gateway now leave from another address than the IKE SA's. No way at all
 * is another matter: the old one may come back. */
static bool is_path_lost(ike_sa_t *ike_sa)
{
	host_t *mine = ike_sa->get_my_host(ike_sa);
	host_t *source = charon->kernel->get_source_addr(charon->kernel,
							 ike_sa->get_other_host(ike_sa), NULL);
	bool is_lost = source && !source->ip_equals(source, mine);

	DESTROY_IF(source);
	return is_lost;
}

static void look_at_ike(struct charon_look *look, ike_sa_t *ike_sa, bool is_path_new)
{
	int tunnel = look->peers->find(look->peers, ike_sa->get_peer_cfg(ike_sa));
	uint32_t id = ike_sa->get_unique_id(ike_sa);

	if (tunnel < 0)
		return;
	switch (ike_sa->get_state(ike_sa)) {
	case IKE_CREATED:
	case IKE_CONNECTING:
		look_at_connecting(look, tunnel, ike_sa);
		break;
	case IKE_ESTABLISHED:
	case IKE_REKEYING:
		look_at_established(look, tunnel, ike_sa);
		break;
	case IKE_REKEYED:
		look->is_torn = TRUE;
		return;
	default: /* on its way out */
		return;
	}
	if (is_path_new && is_path_lost(ike_sa)) {
		array_insert(look->lost, ARRAY_TAIL, &id);
		tunnels_set_reason(charon_parts()->tunnels, (size_t)tunnel, REASON_WAN_CHANGED,
				   NULL);
	}
}

static void take(struct charon_look *look, bool is_path_new)
{
	enumerator_t *enumerator;
	ike_sa_t *ike_sa;

	forget(look);
	enumerator = charon->ike_sa_manager->create_enumerator(charon->ike_sa_manager, TRUE);
	while (enumerator->enumerate(enumerator, &ike_sa))
		look_at_ike(look, ike_sa, is_path_new);
	enumerator->destroy(enumerator);
}

/* Child SAs change over from an IKE SA to its successor while the look waits for the first and has
 * been past the place of the other: they are in neither. A second look finds them. */
void charon_look_take(struct charon_look *look, bool is_path_new)
{
	look->is_torn = FALSE;
	take(look, is_path_new);
	if (look->is_torn)
		take(look, is_path_new);
}
