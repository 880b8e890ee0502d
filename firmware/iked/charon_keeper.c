/* Keeps every child SA up: looks (charon_look.c), asks tunnel_keeper.c, initiates.
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
#include "iked/charon_look.h"
#include "iked/charon_try.h"

#define LOOK_MS 60000
#define MIN_LOOK_MS 10
#define SOON_MS 5
#define PROBE_EVERY_MS 5000
#define TRIAL_AFTER_MS KEEPER_STABLE_MS
#define TRIAL_ENDS_MS 30000 /* longer than any exchange takes */

typedef struct private_keeper_t private_keeper_t;

/* The keepers of a tunnel's children, one each, and what other threads want of them. */
struct kept {
	size_t n_children;
	struct keeper *keepers;
	bool *is_due; /* to be initiated now */
	atomic_bool *is_wanted;
	atomic_bool is_to_reopen;
	atomic_bool is_to_probe;
	uint64_t probed_ms;
	bool is_tried;	    /* one early rekeying, which shows whether later ones will do */
	uint64_t tried_ms;  /* 0: none is under way */
	uint32_t source_be; /* our address at the last attempt; 0: there was no route */
};

struct private_keeper_t {
	charon_keeper_t public;
	charon_peers_t *peers;
	struct tunnels *tunnels;
	size_t n;
	atomic_bool is_queued; /* a look is queued that has not begun */
	atomic_bool is_path_new;
	mutex_t *lock; /* one look at a time; guards all below, but for the atomic members */
	bool is_stopped;
	uint64_t timer_ms; /* when the earliest timer fires; 0: none is set */
	struct kept *kept;
	struct charon_look look;
};

static uint32_t random_number(void)
{
	uint32_t number = 0;

	(void)!getrandom(&number, sizeof(number), GRND_NONBLOCK);
	return number;
}

/* --- doing ---------------------------------------------------------------------------------- */

/* The IPv4 address that packets to the gateway leave from now; 0: there is no route. */
static uint32_t source_to(peer_cfg_t *peer)
{
	ike_cfg_t *ike = peer->get_ike_cfg(peer);
	host_t *gateway = ike->resolve_other(ike, AF_INET), *source = NULL;
	uint32_t source_be = 0;

	if (gateway)
		source = charon->kernel->get_source_addr(charon->kernel, gateway, NULL);
	DESTROY_IF(gateway);
	if (!source)
		return 0;
	memcpy(&source_be, source->get_address(source).ptr, sizeof(source_be));
	source->destroy(source);
	return source_be;
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
	struct seen_tunnel *seen = &this->look.tunnels[tunnel];
	peer_cfg_t *peer = this->peers->get(this->peers, tunnel);
	child_cfg_t *cfg = this->peers->get_child(this->peers, tunnel, child);
	ike_sa_t *ike_sa;

	this->kept[tunnel].source_be = source_to(peer);
	if (!this->kept[tunnel].source_be) {
		tunnels_set_reason(this->tunnels, tunnel, REASON_NO_ROUTE, NULL);
		this->public.wake(&this->public);
		return;
	}
	if (is_fresh)
		seen->ike_id = 0;
	if (seen->ike_id == 0) { /* the clock is for one negotiation */
		tunnels_note_ended(this->tunnels, tunnel);
		tunnels_note_start(this->tunnels, tunnel, clock_now_us());
	}
	ike_sa = checkout(peer, seen->ike_id);
	if (!ike_sa) {
		this->public.wake(&this->public);
		return;
	}
	seen->ike_id = ike_sa->get_unique_id(ike_sa); /* the next child joins */
	if (ike_sa->initiate(ike_sa, cfg->get_ref(cfg), NULL) == SUCCESS) {
		charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike_sa);
		return;
	}
	seen->ike_id = 0;
	charon->ike_sa_manager->checkin_and_destroy(charon->ike_sa_manager, ike_sa);
	this->public.wake(&this->public);
}

static bool is_trial(const struct kept *kept)
{
	return kept->tried_ms && clock_now_ms() - kept->tried_ms < TRIAL_ENDS_MS;
}

/* When the tunnel is due for its trial; UINT64_MAX: it is not. */
static uint64_t trial_due_ms(const struct kept *kept, const struct seen_tunnel *seen)
{
	if (kept->is_tried || seen->ike_id == 0 || seen->is_busy ||
	    kept->keepers[0].state != KEEPER_STATE_UP)
		return UINT64_MAX;
	return kept->keepers[0].since_ms + TRIAL_AFTER_MS;
}

/* What is tried beside the keepers' business: a probe that an ICMP error asks for, and one early
 * rekeying, because the first child SA has no KE and so cannot show whether both agree on it. */
static void try_out_of_turn(struct kept *kept, const struct seen_tunnel *seen)
{
	uint64_t now = clock_now_ms();

	if (atomic_exchange(&kept->is_to_probe, FALSE) && seen->ike_id &&
	    now - kept->probed_ms >= PROBE_EVERY_MS && charon_try_probe(seen->ike_id))
		kept->probed_ms = now;
	if (now >= trial_due_ms(kept, seen)) {
		kept->is_tried = TRUE;
		if (charon_try_rekey(seen->ike_id))
			kept->tried_ms = now;
	}
}

/* The first child SA of an IKE SA has no KE of its own; so when a gateway disagrees about the KE of
 * rekeying, an IKE SA beside the old one brings what a rekeying cannot. */
static void reopen(private_keeper_t *this, size_t tunnel)
{
	const struct seen_tunnel *seen = &this->look.tunnels[tunnel];
	peer_cfg_t *peer = this->peers->get(this->peers, tunnel);
	bool is_fresh = TRUE;

	if (is_trial(&this->kept[tunnel])) {
		/* the SAs are young: it is enough to say so, hours before it would matter */
		this->kept[tunnel].tried_ms = 0;
		event_log(EVENT_PFS_MISMATCH, "tunnel=%s", peer->get_name(peer));
		return;
	}
	if (seen->n_ikes != 1 || seen->is_busy)
		return; /* there is a newer one already, or about to be */
	event_log(EVENT_REKEY_REFUSED, "tunnel=%s", peer->get_name(peer));
	for (size_t i = 0; i < seen->n_children; i++) {
		if (seen->n_installed[i] > 0) {
			initiate(this, tunnel, i, is_fresh);
			is_fresh = FALSE;
		}
	}
}

static enum keeper_event event_of(const struct seen_tunnel *seen, size_t child, bool is_wanted)
{
	if (seen->n_installed[child] > 0)
		return KEEPER_EVENT_UP;
	if (seen->is_busy)
		return KEEPER_EVENT_BUSY;
	return is_wanted ? KEEPER_EVENT_WANTED : KEEPER_EVENT_NOTHING;
}

/* Traffic that waits is remembered until it has been told: one that came during an attempt hurries
 * the next. */
static enum keeper_event take_event(private_keeper_t *this, size_t tunnel, size_t child,
				    bool is_path_new)
{
	atomic_bool *is_wanted = &this->kept[tunnel].is_wanted[child];
	enum keeper_event event =
		event_of(&this->look.tunnels[tunnel], child, is_path_new || atomic_load(is_wanted));

	if (event != KEEPER_EVENT_BUSY)
		atomic_store(is_wanted, FALSE);
	return event;
}

static enum keeper_action ask_keeper(private_keeper_t *this, size_t tunnel, size_t child,
				     bool is_path_new)
{
	struct keeper *keeper = &this->kept[tunnel].keepers[child];
	enum keeper_event event = take_event(this, tunnel, child, is_path_new);
	enum keeper_state before = keeper->state;
	enum keeper_action action = keeper_step(keeper, event, clock_now_ms(), random_number());
	child_cfg_t *cfg = this->peers->get_child(this->peers, tunnel, child);

	if (keeper->state != before)
		log_debug("child SA was %s, is %s child=%s attempts=%u", keeper_state_name(before),
			  keeper_state_name(keeper->state), cfg->get_name(cfg), keeper->n_attempts);
	return action;
}

/* Asks all keepers of a tunnel. Returns whether one wants to initiate; whether in a new IKE SA. */
static bool ask_keepers(private_keeper_t *this, size_t tunnel, bool is_path_new, bool *ret_is_fresh)
{
	struct kept *kept = &this->kept[tunnel];
	uint32_t source_be = is_path_new ? source_to(this->peers->get(this->peers, tunnel)) : 0;
	bool is_due = FALSE, is_fresh = FALSE;

	/* routes that change elsewhere must not hurry anything */
	is_path_new = source_be && source_be != kept->source_be;
	for (size_t i = 0; i < kept->n_children; i++) {
		enum keeper_action action = ask_keeper(this, tunnel, i, is_path_new);

		kept->is_due[i] = action != KEEPER_ACTION_NONE;
		is_due |= kept->is_due[i];
		is_fresh |= action == KEEPER_ACTION_INITIATE_FRESH;
	}
	/* a child that is refused must not cost its siblings their IKE SA */
	*ret_is_fresh = is_fresh && this->look.tunnels[tunnel].n_installed_all == 0;
	return is_due;
}

/* Children that are down begin together, in one IKE SA. */
static void step(private_keeper_t *this, size_t tunnel, bool is_path_new)
{
	struct kept *kept = &this->kept[tunnel];
	bool is_fresh, is_due = ask_keepers(this, tunnel, is_path_new, &is_fresh);

	for (size_t i = 0; is_due && i < kept->n_children; i++) {
		if (kept->is_due[i] || keeper_join(&kept->keepers[i], clock_now_ms())) {
			initiate(this, tunnel, i, is_fresh);
			is_fresh = FALSE;
		}
	}
	if (atomic_exchange(&kept->is_to_reopen, FALSE))
		reopen(this, tunnel);
	try_out_of_turn(kept, &this->look.tunnels[tunnel]);
}

/* The tunnel is as good as its best child: up before connecting before down or waiting. */
static struct tunnel_progress progress_of(const struct kept *kept, const struct seen_tunnel *seen)
{
	static const int rank[] = { [KEEPER_STATE_WAITING] = 0,
				    [KEEPER_STATE_DOWN] = 1,
				    [KEEPER_STATE_CONNECTING] = 2,
				    [KEEPER_STATE_UP] = 3 };
	struct tunnel_progress progress = { .state = KEEPER_STATE_WAITING,
					    .has_ike = seen->n_ikes > 0,
					    .n_children = seen->n_installed_all,
					    .retry_ms = UINT64_MAX };

	for (size_t i = 0; i < kept->n_children; i++) {
		const struct keeper *keeper = &kept->keepers[i];

		if (rank[keeper->state] > rank[progress.state])
			progress.state = keeper->state;
		progress.n_attempts = max(progress.n_attempts, keeper->n_attempts);
		if (seen->n_installed[i] > 0)
			progress.n_children_up++;
		else if (progress.n_children_up == i)
			progress.child_down = (uint32_t)i;
		if (keeper->state == KEEPER_STATE_DOWN)
			progress.retry_ms = min(progress.retry_ms, keeper->retry_ms);
	}
	return progress;
}

static void terminate_ike(uint32_t id, bool is_forced)
{
	charon->controller->terminate_ike(charon->controller, id, is_forced, NULL, NULL,
					  LEVEL_SILENT, 0);
}

static void give_up_lost(private_keeper_t *this)
{
	uint32_t id;

	while (array_remove(this->look.lost, ARRAY_TAIL, &id))
		terminate_ike(id, TRUE);
}

/* Takes all entries out of an array. Returns them, and their number; the caller frees them. */
static void *take_all(array_t *array, size_t size, size_t *ret_n)
{
	size_t n = (size_t)array_count(array);
	char *entries = calloc(n + 1, size);

	for (size_t i = n; i > 0; i--)
		array_remove(array, ARRAY_TAIL, entries + (i - 1) * size);
	*ret_n = n;
	return entries;
}

static bool goes_with_ike(const struct seen_child *child, const struct seen_ike *ikes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ikes[i].id == child->ike_id)
			return ikes[i].is_superfluous;
	return FALSE;
}

/* Deletes what is one too many. Returns true when there is more that has yet to settle. */
static bool delete_duplicates(private_keeper_t *this)
{
	size_t n_ikes, n_children;
	struct seen_ike *ikes = take_all(this->look.ikes, sizeof(*ikes), &n_ikes);
	struct seen_child *children = take_all(this->look.children, sizeof(*children), &n_children);
	bool is_pending =
		duplicates_mark(ikes, n_ikes, children, n_children, (uint64_t)time_monotonic(NULL));

	for (size_t i = 0; i < n_children; i++)
		if (children[i].is_superfluous && !goes_with_ike(&children[i], ikes, n_ikes))
			charon->controller->terminate_child(charon->controller, children[i].id,
							    NULL, NULL, LEVEL_SILENT, 0);
	for (size_t i = 0; i < n_ikes; i++)
		if (ikes[i].is_superfluous)
			terminate_ike(ikes[i].id, FALSE);
	free(ikes);
	free(children);
	return is_pending;
}

/* --- when ----------------------------------------------------------------------------------- */

CALLBACK(on_timer, job_requeue_t, private_keeper_t *this)
{
	this->lock->lock(this->lock);
	this->timer_ms = 0;
	this->lock->unlock(this->lock);
	this->public.wake(&this->public);
	return JOB_REQUEUE_NONE;
}

static void set_timer(private_keeper_t *this, uint64_t due_ms)
{
	uint64_t now = clock_now_ms();
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

CALLBACK(on_look, job_requeue_t, private_keeper_t *this)
{
	uint64_t due_ms = clock_now_ms() + LOOK_MS;
	bool is_path_new;

	this->lock->lock(this->lock);
	atomic_store(&this->is_queued, FALSE);
	if (this->is_stopped) {
		this->lock->unlock(this->lock);
		return JOB_REQUEUE_NONE;
	}
	is_path_new = atomic_exchange(&this->is_path_new, FALSE);
	charon_look_take(&this->look, is_path_new);
	for (size_t i = 0; i < this->n; i++) {
		struct tunnel_progress progress;

		step(this, i, is_path_new);
		progress = progress_of(&this->kept[i], &this->look.tunnels[i]);
		tunnels_set_progress(this->tunnels, i, &progress);
		due_ms = min(due_ms, due_of(&this->kept[i]));
		due_ms = min(due_ms, trial_due_ms(&this->kept[i], &this->look.tunnels[i]));
	}
	give_up_lost(this);
	if (delete_duplicates(this))
		due_ms = min(due_ms, clock_now_ms() + DUPLICATES_SETTLE_S * 1000);
	set_timer(this, due_ms);
	this->lock->unlock(this->lock);
	return JOB_REQUEUE_NONE;
}

METHOD(charon_keeper_t, wake, void, private_keeper_t *this)
{
	callback_job_t *job;

	if (atomic_exchange(&this->is_queued, TRUE))
		return;
	/* a negotiation wakes it at every step, and is to have the processor for itself */
	job = callback_job_create_with_prio((void *)on_look, this, NULL, NULL, JOB_PRIO_HIGH);
	lib->scheduler->schedule_job_ms(lib->scheduler, (job_t *)job, SOON_MS);
}

METHOD(charon_keeper_t, want, void, private_keeper_t *this, size_t tunnel, size_t child)
{
	atomic_store(&this->kept[tunnel].is_wanted[child], TRUE);
	wake(this);
}

METHOD(charon_keeper_t, reopen_, void, private_keeper_t *this, size_t tunnel)
{
	atomic_store(&this->kept[tunnel].is_to_reopen, TRUE);
	wake(this);
}

METHOD(charon_keeper_t, probe, void, private_keeper_t *this, size_t tunnel)
{
	atomic_store(&this->kept[tunnel].is_to_probe, TRUE);
	wake(this);
}

METHOD(charon_keeper_t, path_changed, void, private_keeper_t *this)
{
	atomic_store(&this->is_path_new, TRUE);
	wake(this);
}

METHOD(charon_keeper_t, stop, void, private_keeper_t *this)
{
	this->lock->lock(this->lock);
	this->is_stopped = TRUE;
	this->lock->unlock(this->lock);
}

METHOD(charon_keeper_t, destroy, void, private_keeper_t *this)
{
	for (size_t i = 0; i < this->n; i++) {
		free(this->kept[i].keepers);
		free(this->kept[i].is_due);
		free(this->kept[i].is_wanted);
	}
	free(this->kept);
	charon_look_deinit(&this->look);
	this->lock->destroy(this->lock);
	free(this);
}

static void init_kept(struct kept *kept, size_t n_children, bool may_initiate)
{
	kept->n_children = n_children;
	kept->keepers = calloc(n_children, sizeof(*kept->keepers));
	kept->is_due = calloc(n_children, sizeof(*kept->is_due));
	kept->is_wanted = calloc(n_children, sizeof(*kept->is_wanted));
	for (size_t i = 0; i < n_children; i++)
		kept->keepers[i] = keeper_init(may_initiate, clock_now_ms());
}

charon_keeper_t *charon_keeper_create(charon_peers_t *peers, struct tunnels *tunnels)
{
	private_keeper_t *this;

	INIT(this,
		.public = {
			.wake = _wake,
			.want = _want,
			.reopen = _reopen_,
			.probe = _probe,
			.path_changed = _path_changed,
			.stop = _stop,
			.destroy = _destroy,
		},
		.peers = peers,
		.tunnels = tunnels,
		.lock = mutex_create(MUTEX_TYPE_DEFAULT),
		.n = tunnels_n(tunnels),
		.kept = calloc(tunnels_n(tunnels) + 1, sizeof(struct kept)));
	charon_look_init(&this->look, peers, this->n);
	for (size_t i = 0; i < this->n; i++)
		init_kept(&this->kept[i], peers->n_children(peers, i),
			  peers->may_initiate(peers, i));
	return &this->public;
}
