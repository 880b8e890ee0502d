/* Keeps every child SA up: looks at libcharon's SAs, asks tunnel_keeper.c, initiates.
 *
 * A job of libcharon's pool, one at a time. It looks whenever something changed, when a keeper is
 * due, and once a minute anyhow. It waits for SAs that other threads work on, and itself holds none
 * while it waits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <stdatomic.h>
#include <sys/random.h>

#include <processing/jobs/callback_job.h>
#include <threading/mutex.h>

#include "base/event.h"
#include "iked/duplicates.h"

#define LOOK_MS 60000
#define MIN_LOOK_MS 10

typedef struct private_keeper_t private_keeper_t;

/* A tunnel: its keepers, and what was seen of it at the last look. */
struct kept {
	size_t n_children;
	struct keeper *keepers;	 /* one a child */
	atomic_bool *is_wanted;	 /* one a child; set by any thread */
	uint32_t *n_installed;	 /* one a child */
	atomic_bool is_to_reopen; /* set by any thread */
	uint32_t n_installed_all;
	uint32_t n_ikes; /* established */
	uint32_t ike_id; /* of an IKE SA that a child can be initiated in; 0: none */
	bool is_busy;	 /* we negotiate */
};

struct private_keeper_t {
	charon_keeper_t public;
	charon_peers_t *peers;
	struct tunnels *tunnels;
	atomic_bool is_queued; /* a look is queued that has not begun */
	atomic_bool is_path_new;
	mutex_t *lock; /* one look at a time; guards all below */
	bool is_stopped;
	uint64_t timer_ms; /* when the earliest timer fires; 0: none is set */
	size_t n;
	struct kept *kept;
	array_t *ikes;	   /* struct seen_ike */
	array_t *children; /* struct seen_child */
	array_t *lost;	   /* uint32_t: IKE SAs whose own address is no longer ours to use */
};

static uint64_t now_ms(void)
{
	return charon_now_us() / 1000;
}

static uint32_t random_number(void)
{
	uint32_t number = 0;

	(void)!getrandom(&number, sizeof(number), GRND_NONBLOCK);
	return number;
}

/* --- looking --------------------------------------------------------------------------------- */

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

static void look_at_child(private_keeper_t *this, int tunnel, ike_sa_t *ike_sa,
			  child_sa_t *child_sa)
{
	struct kept *kept = &this->kept[tunnel];
	int child = this->peers->find_child(this->peers, tunnel, child_sa->get_config(child_sa));
	child_sa_state_t state = child_sa->get_state(child_sa);
	struct seen_child seen;

	if (child < 0)
		return;
	if (state == CHILD_INSTALLED || state == CHILD_UPDATING || state == CHILD_REKEYING) {
		kept->n_installed[child]++;
		kept->n_installed_all++;
	}
	if (state != CHILD_INSTALLED || child_sa->get_rekey_sa(child_sa))
		return;
	seen = (struct seen_child){ .tunnel = (uint32_t)tunnel,
				    .child = (uint32_t)child,
				    .selectors = hash_selectors(child_sa),
				    .ike_id = ike_sa->get_unique_id(ike_sa),
				    .id = child_sa->get_unique_id(child_sa),
				    .since_s = (uint64_t)child_sa->get_installtime(child_sa) };
	array_insert(this->children, ARRAY_TAIL, &seen);
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

static void look_at_established(private_keeper_t *this, int tunnel, ike_sa_t *ike_sa)
{
	struct kept *kept = &this->kept[tunnel];
	struct seen_ike seen = { .tunnel = (uint32_t)tunnel,
				 .id = ike_sa->get_unique_id(ike_sa),
				 .since_s = ike_sa->get_statistic(ike_sa, STAT_ESTABLISHED) };
	enumerator_t *children = ike_sa->create_child_sa_enumerator(ike_sa);
	child_sa_t *child_sa;

	while (children->enumerate(children, &child_sa))
		look_at_child(this, tunnel, ike_sa, child_sa);
	children->destroy(children);
	if (creates_child(ike_sa, TASK_QUEUE_ACTIVE) || creates_child(ike_sa, TASK_QUEUE_QUEUED))
		kept->is_busy = TRUE;
	kept->ike_id = seen.id;
	kept->n_ikes++;
	array_insert(this->ikes, ARRAY_TAIL, &seen);
}

static void look_at_ike(private_keeper_t *this, ike_sa_t *ike_sa, bool is_path_new)
{
	int tunnel = this->peers->find(this->peers, ike_sa->get_peer_cfg(ike_sa));
	uint32_t id = ike_sa->get_unique_id(ike_sa);

	if (tunnel < 0)
		return;
	switch (ike_sa->get_state(ike_sa)) {
	case IKE_CREATED:
	case IKE_CONNECTING:
		if (!ike_sa->has_condition(ike_sa, COND_ORIGINAL_INITIATOR))
			return;
		this->kept[tunnel].is_busy = TRUE;
		if (!this->kept[tunnel].ike_id)
			this->kept[tunnel].ike_id = id;
		break;
	case IKE_ESTABLISHED:
	case IKE_REKEYING:
		look_at_established(this, tunnel, ike_sa);
		break;
	default: /* on its way out */
		return;
	}
	if (is_path_new && is_path_lost(ike_sa)) {
		array_insert(this->lost, ARRAY_TAIL, &id);
		tunnels_set_reason(this->tunnels, (size_t)tunnel, REASON_WAN_CHANGED, NULL);
	}
}

static void look(private_keeper_t *this, bool is_path_new)
{
	enumerator_t *enumerator;
	ike_sa_t *ike_sa;

	for (size_t i = 0; i < this->n; i++) {
		struct kept *kept = &this->kept[i];

		memset(kept->n_installed, 0, kept->n_children * sizeof(*kept->n_installed));
		kept->n_installed_all = 0;
		kept->n_ikes = 0;
		kept->ike_id = 0;
		kept->is_busy = FALSE;
	}
	enumerator = charon->ike_sa_manager->create_enumerator(charon->ike_sa_manager, TRUE);
	while (enumerator->enumerate(enumerator, &ike_sa))
		look_at_ike(this, ike_sa, is_path_new);
	enumerator->destroy(enumerator);
}

/* --- doing ----------------------------------------------------------------------------------- */

static bool has_route(peer_cfg_t *peer)
{
	ike_cfg_t *ike = peer->get_ike_cfg(peer);
	host_t *gateway = ike->resolve_other(ike, AF_INET), *source = NULL;

	if (gateway)
		source = charon->kernel->get_source_addr(charon->kernel, gateway, NULL);
	DESTROY_IF(gateway);
	if (!source)
		return FALSE;
	source->destroy(source);
	return TRUE;
}

/* In the IKE SA `ike_id`, or in a new one when that is 0 or gone. */
static ike_sa_t *checkout(peer_cfg_t *peer, uint32_t ike_id)
{
	ike_sa_manager_t *manager = charon->ike_sa_manager;
	ike_sa_t *ike_sa = ike_id ? manager->checkout_by_id(manager, ike_id) : NULL;

	/* with reuse_ikesa = no this always makes a new one */
	return ike_sa ? ike_sa : manager->checkout_by_config(manager, peer);
}

static void initiate(private_keeper_t *this, size_t tunnel, size_t child, bool is_fresh)
{
	struct kept *kept = &this->kept[tunnel];
	peer_cfg_t *peer = this->peers->get(this->peers, tunnel);
	child_cfg_t *cfg = this->peers->get_child(this->peers, tunnel, child);
	ike_sa_t *ike_sa;

	if (!has_route(peer)) {
		tunnels_set_reason(this->tunnels, tunnel, REASON_NO_ROUTE, NULL);
		this->public.wake(&this->public);
		return;
	}
	if (kept->n_installed_all == 0)
		tunnels_note_ended(this->tunnels, tunnel); /* the clock is for one attempt */
	/* a child that is refused must not cost its siblings their IKE SA */
	if (is_fresh && kept->n_installed_all == 0)
		kept->ike_id = 0;
	ike_sa = checkout(peer, kept->ike_id);
	if (!ike_sa) {
		this->public.wake(&this->public);
		return;
	}
	kept->ike_id = ike_sa->get_unique_id(ike_sa);
	if (ike_sa->initiate(ike_sa, cfg->get_ref(cfg), NULL) == SUCCESS) {
		charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike_sa);
		return;
	}
	kept->ike_id = 0;
	charon->ike_sa_manager->checkin_and_destroy(charon->ike_sa_manager, ike_sa);
	this->public.wake(&this->public);
}

/* The first child SA of an IKE SA has no KE of its own; so when a gateway disagrees about the KE of
 * rekeying, an IKE SA beside the old one brings what a rekeying cannot. */
static void reopen(private_keeper_t *this, size_t tunnel)
{
	peer_cfg_t *peer = this->peers->get(this->peers, tunnel);
	struct kept *kept = &this->kept[tunnel];

	if (kept->n_ikes != 1 || kept->is_busy)
		return; /* there is a newer one already, or about to be */
	event_log(EVENT_REKEY_REFUSED, "tunnel=%s", peer->get_name(peer));
	kept->ike_id = 0;
	for (size_t i = 0; i < kept->n_children; i++)
		if (kept->n_installed[i] > 0)
			initiate(this, tunnel, i, FALSE);
}

static enum keeper_event event_of(const struct kept *kept, size_t child, bool is_wanted)
{
	if (kept->n_installed[child] > 0)
		return KEEPER_EVENT_UP;
	if (kept->is_busy)
		return KEEPER_EVENT_BUSY;
	return is_wanted ? KEEPER_EVENT_WANTED : KEEPER_EVENT_NOTHING;
}

static void step(private_keeper_t *this, size_t tunnel, bool is_path_new)
{
	struct kept *kept = &this->kept[tunnel];

	for (size_t i = 0; i < kept->n_children; i++) {
		bool is_wanted = atomic_exchange(&kept->is_wanted[i], FALSE) || is_path_new;
		enum keeper_action action = keeper_step(&kept->keepers[i],
							event_of(kept, i, is_wanted), now_ms(),
							random_number());

		if (action != KEEPER_ACTION_NONE)
			initiate(this, tunnel, i, action == KEEPER_ACTION_INITIATE_FRESH);
	}
	if (atomic_exchange(&kept->is_to_reopen, FALSE))
		reopen(this, tunnel);
}

/* The tunnel is as good as its best child: up before connecting before down or waiting. */
static struct tunnel_progress progress_of(const struct kept *kept)
{
	static const int rank[] = { [KEEPER_STATE_WAITING] = 0, [KEEPER_STATE_DOWN] = 1,
				    [KEEPER_STATE_CONNECTING] = 2, [KEEPER_STATE_UP] = 3 };
	struct tunnel_progress progress = { .state = KEEPER_STATE_WAITING,
					    .n_children = kept->n_installed_all,
					    .retry_ms = UINT64_MAX };

	for (size_t i = 0; i < kept->n_children; i++) {
		const struct keeper *keeper = &kept->keepers[i];

		if (rank[keeper->state] > rank[progress.state])
			progress.state = keeper->state;
		progress.n_attempts = max(progress.n_attempts, keeper->n_attempts);
		if (keeper->state == KEEPER_STATE_DOWN)
			progress.retry_ms = min(progress.retry_ms, keeper->retry_ms);
	}
	return progress;
}

static void give_up_lost(private_keeper_t *this)
{
	uint32_t id;

	while (array_remove(this->lost, ARRAY_TAIL, &id))
		charon->controller->terminate_ike(charon->controller, id, TRUE, NULL, NULL,
						  LEVEL_SILENT, 0);
}

/* Deletes what is one too many. Returns true when there is more that has yet to settle. */
static bool delete_duplicates(private_keeper_t *this)
{
	int n_ikes = array_count(this->ikes), n_children = array_count(this->children);
	struct seen_ike *ikes = malloc(((size_t)n_ikes + 1) * sizeof(*ikes));
	struct seen_child *children = malloc(((size_t)n_children + 1) * sizeof(*children));
	bool is_pending;

	for (int i = n_ikes - 1; i >= 0; i--)
		array_remove(this->ikes, ARRAY_TAIL, &ikes[i]);
	for (int i = n_children - 1; i >= 0; i--)
		array_remove(this->children, ARRAY_TAIL, &children[i]);
	is_pending = duplicates_mark(ikes, (size_t)n_ikes, children, (size_t)n_children,
				     (uint64_t)time_monotonic(NULL));
	for (int i = 0; i < n_ikes; i++) {
		if (!ikes[i].is_superfluous)
			continue;
		for (int j = 0; j < n_children; j++)
			if (children[j].ike_id == ikes[i].id)
				children[j].is_superfluous = FALSE; /* goes with it */
		charon->controller->terminate_ike(charon->controller, ikes[i].id, FALSE, NULL,
						  NULL, LEVEL_SILENT, 0);
	}
	for (int i = 0; i < n_children; i++)
		if (children[i].is_superfluous)
			charon->controller->terminate_child(charon->controller, children[i].id,
							    NULL, NULL, LEVEL_SILENT, 0);
	free(ikes);
	free(children);
	return is_pending;
}

/* --- when ------------------------------------------------------------------------------------ */

CALLBACK(on_timer, job_requeue_t,
	private_keeper_t *this)
{
	this->lock->lock(this->lock);
	this->timer_ms = 0;
	this->lock->unlock(this->lock);
	this->public.wake(&this->public);
	return JOB_REQUEUE_NONE;
}

static void set_timer(private_keeper_t *this, uint64_t due_ms)
{
	uint64_t now = now_ms();
	callback_job_t *job;

	due_ms = max(due_ms, now + MIN_LOOK_MS);
	if (this->timer_ms && this->timer_ms <= due_ms)
		return;
	this->timer_ms = due_ms;
	job = callback_job_create((void *)on_timer, this, NULL, NULL);
	lib->scheduler->schedule_job_ms(lib->scheduler, (job_t *)job, (uint32_t)(due_ms - now));
}

static uint64_t due_of(const struct kept *kept)
{
	uint64_t due_ms = UINT64_MAX;

	for (size_t i = 0; i < kept->n_children; i++)
		due_ms = min(due_ms, keeper_due_ms(&kept->keepers[i]));
	return due_ms;
}

CALLBACK(on_look, job_requeue_t,
	private_keeper_t *this)
{
	uint64_t due_ms = now_ms() + LOOK_MS;
	bool is_path_new;

	this->lock->lock(this->lock);
	atomic_store(&this->is_queued, FALSE);
	if (this->is_stopped) {
		this->lock->unlock(this->lock);
		return JOB_REQUEUE_NONE;
	}
	is_path_new = atomic_exchange(&this->is_path_new, FALSE);
	look(this, is_path_new);
	for (size_t i = 0; i < this->n; i++) {
		struct tunnel_progress progress;

		step(this, i, is_path_new);
		progress = progress_of(&this->kept[i]);
		tunnels_set_progress(this->tunnels, i, &progress);
		due_ms = min(due_ms, due_of(&this->kept[i]));
	}
	give_up_lost(this);
	if (delete_duplicates(this))
		due_ms = min(due_ms, now_ms() + DUPLICATES_SETTLE_S * 1000);
	set_timer(this, due_ms);
	this->lock->unlock(this->lock);
	return JOB_REQUEUE_NONE;
}

METHOD(charon_keeper_t, wake, void,
	private_keeper_t *this)
{
	if (atomic_exchange(&this->is_queued, TRUE))
		return;
	lib->processor->queue_job(lib->processor,
				  (job_t *)callback_job_create_with_prio((void *)on_look, this,
									 NULL, NULL, JOB_PRIO_HIGH));
}

METHOD(charon_keeper_t, want, void,
	private_keeper_t *this, size_t tunnel, size_t child)
{
	atomic_store(&this->kept[tunnel].is_wanted[child], TRUE);
	wake(this);
}

METHOD(charon_keeper_t, reopen_, void,
	private_keeper_t *this, size_t tunnel)
{
	atomic_store(&this->kept[tunnel].is_to_reopen, TRUE);
	wake(this);
}

METHOD(charon_keeper_t, path_changed, void,
	private_keeper_t *this)
{
	atomic_store(&this->is_path_new, TRUE);
	wake(this);
}

METHOD(charon_keeper_t, stop, void,
	private_keeper_t *this)
{
	this->lock->lock(this->lock);
	this->is_stopped = TRUE;
	this->lock->unlock(this->lock);
}

METHOD(charon_keeper_t, destroy, void,
	private_keeper_t *this)
{
	for (size_t i = 0; i < this->n; i++) {
		free(this->kept[i].keepers);
		free(this->kept[i].is_wanted);
		free(this->kept[i].n_installed);
	}
	free(this->kept);
	array_destroy(this->ikes);
	array_destroy(this->children);
	array_destroy(this->lost);
	this->lock->destroy(this->lock);
	free(this);
}

static void init_kept(struct kept *kept, size_t n_children, bool may_initiate)
{
	kept->n_children = n_children;
	kept->keepers = calloc(n_children, sizeof(*kept->keepers));
	kept->is_wanted = calloc(n_children, sizeof(*kept->is_wanted));
	kept->n_installed = calloc(n_children, sizeof(*kept->n_installed));
	for (size_t i = 0; i < n_children; i++)
		kept->keepers[i] = keeper_init(may_initiate, now_ms());
}

charon_keeper_t *charon_keeper_create(charon_peers_t *peers, struct tunnels *tunnels)
{
	private_keeper_t *this;

	INIT(this,
		.public = {
			.wake = _wake,
			.want = _want,
			.reopen = _reopen_,
			.path_changed = _path_changed,
			.stop = _stop,
			.destroy = _destroy,
		},
		.peers = peers,
		.tunnels = tunnels,
		.lock = mutex_create(MUTEX_TYPE_DEFAULT),
		.n = tunnels_n(tunnels),
		.kept = calloc(tunnels_n(tunnels) + 1, sizeof(struct kept)),
		.ikes = array_create(sizeof(struct seen_ike), 0),
		.children = array_create(sizeof(struct seen_child), 0),
		.lost = array_create(sizeof(uint32_t), 0),
	);
	for (size_t i = 0; i < this->n; i++)
		init_kept(&this->kept[i], peers->n_children(peers, i),
			  peers->may_initiate(peers, i));
	return &this->public;
}
