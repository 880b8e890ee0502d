/* The tunnels of this process, and what is known about each now.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/tunnels.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/event.h"
#include "config/device.h"
#include "iked/rungs.h"
#include "proto/status_proto.h"

static_assert((int)KEEPER_STATE_DOWN == (int)TUNNEL_STATE_DOWN, "one list of states");
static_assert((int)KEEPER_STATE_CONNECTING == (int)TUNNEL_STATE_CONNECTING, "one list of states");
static_assert((int)KEEPER_STATE_UP == (int)TUNNEL_STATE_UP, "one list of states");
static_assert((int)KEEPER_STATE_WAITING == (int)TUNNEL_STATE_WAITING, "one list of states");

/* Findings that lie further apart have nothing to do with each other. */
#define REASON_MEMORY_S 120

/* What is known about a tunnel. */
struct live {
	struct tunnel_progress progress;
	uint64_t since_s;  /* Unix time */
	uint64_t start_us; /* the clock of establish_us; 0: it does not run */
	uint32_t establish_us;
	uint64_t heard_us; /* the gateway's last packet; 0: none */
	uint16_t heard_port;
	uint64_t inside_us; /* the last packet by its child SAs since it is up; 0: none */
	uint32_t n_again;   /* times in a row that the gateway asked to try again */
	bool is_nat;
	bool is_doubted, is_doubt_known; /* to xfrmd */
	struct negotiated ike, esp;
	enum reason reason, logged_reason;
	uint32_t reason_attempt; /* the attempt that the reason is of */
	time_t reason_s;	 /* and when it was met */
	char detail[MAX_SENTENCE_BYTES];
	enum reason warning; /* what the tunnel will come down by, though it is up */
	char warning_detail[MAX_SENTENCE_BYTES];
};

struct tunnels {
	const struct device_config *config;
	pthread_mutex_t lock; /* guards `live` */
	struct live *live;    /* as many as the configuration has tunnels */
};

int tunnels_new(const struct device_config *config, struct tunnels **ret_tunnels)
{
	struct tunnels *tunnels = calloc(1, sizeof(*tunnels));

	if (!tunnels)
		return -ENOMEM;
	tunnels->config = config;
	tunnels->live = calloc(config->n_tunnels + 1, sizeof(*tunnels->live));
	if (!tunnels->live) {
		free(tunnels);
		return -ENOMEM;
	}
	pthread_mutex_init(&tunnels->lock, NULL);
	for (size_t i = 0; i < config->n_tunnels; i++) {
		bool is_responder = config->tunnels[i].role == TUNNEL_ROLE_RESPONDER;

		tunnels->live[i].since_s = (uint64_t)time(NULL);
		tunnels->live[i].reason = is_responder ? REASON_WAITING : REASON_STARTING;
		tunnels->live[i].logged_reason = tunnels->live[i].reason;
		if (is_responder)
			tunnels->live[i].progress.state = KEEPER_STATE_WAITING;
	}
	*ret_tunnels = tunnels;
	return 0;
}

void tunnels_free(struct tunnels *tunnels)
{
	if (!tunnels)
		return;
	pthread_mutex_destroy(&tunnels->lock);
	free(tunnels->live);
	free(tunnels);
}

size_t tunnels_n(const struct tunnels *tunnels)
{
	return tunnels->config->n_tunnels;
}

const struct tunnel *tunnels_get(const struct tunnels *tunnels, size_t i)
{
	return &tunnels->config->tunnels[i];
}

uint32_t tunnels_if_id(const struct tunnels *tunnels, size_t i)
{
	return tunnels_get(tunnels, i)->if_id;
}

const struct addr *tunnels_gateway(const struct tunnels *tunnels, size_t i)
{
	return &tunnels_get(tunnels, i)->gateway;
}

const char *tunnels_wan(const struct tunnels *tunnels)
{
	return tunnels->config->wan_interface;
}

int tunnels_find_gateway(const struct tunnels *tunnels, const uint8_t address[static 4])
{
	for (size_t i = 0; i < tunnels_n(tunnels); i++) {
		const struct addr *gateway = &tunnels_get(tunnels, i)->gateway;

		if (gateway->family == ADDR_FAMILY_IPV4 && memcmp(gateway->bytes, address, 4) == 0)
			return (int)i;
	}
	return -1;
}

int tunnels_find_reqid(const struct tunnels *tunnels, uint32_t reqid, size_t *ret_child)
{
	for (size_t i = 0; i < tunnels_n(tunnels); i++) {
		const struct tunnel *tunnel = tunnels_get(tunnels, i);

		for (size_t child = 0; child < tunnel->n_children; child++) {
			if (tunnel->children[child].reqid == reqid) {
				*ret_child = child;
				return (int)i;
			}
		}
	}
	return -1;
}

static struct live *lock_live(struct tunnels *tunnels, size_t i)
{
	assert(i < tunnels_n(tunnels));
	pthread_mutex_lock(&tunnels->lock);
	return &tunnels->live[i];
}

void tunnels_note_start(struct tunnels *tunnels, size_t i, uint64_t now_us)
{
	struct live *live = lock_live(tunnels, i);

	if (live->start_us == 0)
		live->start_us = now_us;
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_note_installed(struct tunnels *tunnels, size_t i, uint64_t now_us)
{
	struct live *live = lock_live(tunnels, i);

	if (live->start_us != 0)
		live->establish_us = (uint32_t)(now_us - live->start_us);
	live->start_us = 0;
	live->n_again = 0;
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_note_ended(struct tunnels *tunnels, size_t i)
{
	struct live *live = lock_live(tunnels, i);

	live->start_us = 0;
	live->n_again = 0;
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_set_ike(struct tunnels *tunnels, size_t i, const struct negotiated *suite)
{
	lock_live(tunnels, i)->ike = *suite;
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_set_nat(struct tunnels *tunnels, size_t i, bool is_nat)
{
	lock_live(tunnels, i)->is_nat = is_nat;
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_set_esp(struct tunnels *tunnels, size_t i, const struct negotiated *suite)
{
	lock_live(tunnels, i)->esp = *suite;
	pthread_mutex_unlock(&tunnels->lock);
}

bool tunnels_set_doubted(struct tunnels *tunnels, size_t i, bool is_doubted)
{
	struct live *live = lock_live(tunnels, i);
	bool is_new = !live->is_doubt_known || live->is_doubted != is_doubted;

	live->is_doubted = is_doubted;
	live->is_doubt_known = true;
	pthread_mutex_unlock(&tunnels->lock);
	return is_new;
}

bool tunnels_is_doubted(struct tunnels *tunnels, size_t i)
{
	bool is_doubted = lock_live(tunnels, i)->is_doubted;

	pthread_mutex_unlock(&tunnels->lock);
	return is_doubted;
}

/* It is heard again: what was known of its silence is over. */
void tunnels_note_heard(struct tunnels *tunnels, size_t i, uint16_t port, uint64_t now_us)
{
	struct live *live = lock_live(tunnels, i);

	live->heard_us = now_us;
	live->heard_port = port;
	if (live->progress.state == KEEPER_STATE_UP && reason_rung(live->reason) == RUNG_UDP)
		live->reason = REASON_NONE;
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_note_inside(struct tunnels *tunnels, size_t i, uint64_t now_us)
{
	struct live *live = lock_live(tunnels, i);

	if (now_us > live->inside_us)
		live->inside_us = now_us;
	pthread_mutex_unlock(&tunnels->lock);
}

uint32_t tunnels_count_again(struct tunnels *tunnels, size_t i)
{
	uint32_t n = ++lock_live(tunnels, i)->n_again;

	pthread_mutex_unlock(&tunnels->lock);
	return n;
}

static void print_reason(const struct tunnels *tunnels, const struct live *live, enum reason reason,
			 struct reason_words *ret_words)
{
	reason_print(reason, tunnels_get(tunnels, (size_t)(live - tunnels->live)),
		     tunnels->config->wan_interface,
		     reason == live->warning ? live->warning_detail : live->detail, ret_words);
}

/* Logs what keeps a tunnel down, once for each reason. */
static void log_reason(const struct tunnels *tunnels, const struct tunnel *tunnel,
		       struct live *live)
{
	struct reason_words words;
	char gateway[ADDR_TEXT_BYTES];

	if (live->progress.state == KEEPER_STATE_UP || live->reason == live->logged_reason ||
	    live->reason == REASON_NONE)
		return;
	live->logged_reason = live->reason;
	print_reason(tunnels, live, live->reason, &words);
	event_log(EVENT_ATTEMPT_FAILED,
		  "tunnel=%s gateway=%s why=%s reason=\"%s\" offered=\"%s\" azure_code=\"%s\" "
		  "azure_setting=\"%s\" remedy=\"%s\"",
		  tunnel->name, addr_print(&tunnel->gateway, gateway), reason_id(live->reason),
		  words.text, words.offered, words.code, words.setting, words.remedy);
}

void tunnels_note_rekeyed(struct tunnels *tunnels, size_t i)
{
	lock_live(tunnels, i)->warning = REASON_NONE;
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_warn(struct tunnels *tunnels, size_t i, enum reason reason, const char *detail)
{
	struct live *live = lock_live(tunnels, i);

	live->warning = reason;
	snprintf(live->warning_detail, sizeof(live->warning_detail), "%s", detail ? detail : "");
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_set_reason(struct tunnels *tunnels, size_t i, enum reason reason, const char *detail)
{
	struct live *live = lock_live(tunnels, i);

	if (reason >= live->reason || live->reason_attempt != live->progress.n_attempts ||
	    time(NULL) - live->reason_s > REASON_MEMORY_S) {
		live->reason = reason;
		live->reason_s = time(NULL);
		live->reason_attempt = live->progress.n_attempts;
		snprintf(live->detail, sizeof(live->detail), "%s", detail ? detail : "");
		log_reason(tunnels, tunnels_get(tunnels, i), live);
	}
	pthread_mutex_unlock(&tunnels->lock);
}

static void print_ike(const struct negotiated *suite, char buf[static SUITE_TEXT_BYTES])
{
	struct ike_suite ike = { .encr = suite->encr,
				 .key_bits = suite->key_bits,
				 .integ = suite->integ,
				 .prf = suite->prf,
				 .ke = suite->ke };

	if (suite->encr)
		ike_suite_print(&ike, buf);
}

static void print_esp(const struct negotiated *suite, char buf[static SUITE_TEXT_BYTES])
{
	struct esp_suite esp = { .encr = suite->encr,
				 .key_bits = suite->key_bits,
				 .integ = suite->integ,
				 .ke = suite->ke };

	if (suite->encr)
		esp_suite_print(&esp, buf);
}

static void log_up(const struct tunnel *tunnel, const struct live *live)
{
	char ike[SUITE_TEXT_BYTES] = "", esp[SUITE_TEXT_BYTES] = "", gateway[ADDR_TEXT_BYTES];

	print_ike(&live->ike, ike);
	print_esp(&live->esp, esp);
	event_log(EVENT_TUNNEL_UP, "tunnel=%s gateway=%s ike=%s esp=%s nat=%s establish_us=%u",
		  tunnel->name, addr_print(&tunnel->gateway, gateway), ike, esp,
		  live->is_nat ? "yes" : "no", live->establish_us);
}

static void log_down(const struct tunnels *tunnels, const struct tunnel *tunnel,
		     const struct live *live)
{
	struct reason_words words;
	char gateway[ADDR_TEXT_BYTES];

	print_reason(tunnels, live, live->reason, &words);
	event_log(EVENT_TUNNEL_DOWN, "tunnel=%s gateway=%s why=%s reason=\"%s\" azure_code=\"%s\"",
		  tunnel->name, addr_print(&tunnel->gateway, gateway), reason_id(live->reason),
		  words.text, words.code);
}

/* UP clears the reason; a reason that came while it was up, not long before the loss was seen,
 * stays. */
static void change_state(const struct tunnels *tunnels, const struct tunnel *tunnel,
			 struct live *live, enum keeper_state before)
{
	if (live->progress.state == KEEPER_STATE_UP) {
		live->reason = REASON_NONE;
		live->logged_reason = REASON_NONE;
		live->warning = REASON_NONE;
		live->inside_us = 0;
		log_up(tunnel, live);
	} else if (before == KEEPER_STATE_UP) {
		if (live->reason == REASON_NONE || time(NULL) - live->reason_s > REASON_MEMORY_S)
			live->reason = REASON_ENDED;
		live->logged_reason = live->reason;
		log_down(tunnels, tunnel, live);
	}
	if (live->progress.state == KEEPER_STATE_UP || before == KEEPER_STATE_UP)
		live->since_s = (uint64_t)time(NULL);
}

void tunnels_set_progress(struct tunnels *tunnels, size_t i, const struct tunnel_progress *progress)
{
	struct live *live = lock_live(tunnels, i);
	enum keeper_state before = live->progress.state;

	live->progress = *progress;
	if (before != progress->state)
		change_state(tunnels, tunnels_get(tunnels, i), live, before);
	pthread_mutex_unlock(&tunnels->lock);
}

static uint64_t ago_s(uint64_t then_us, uint64_t now_ms)
{
	if (then_us == 0)
		return RUNGS_NEVER;
	return then_us / 1000 < now_ms ? (now_ms - then_us / 1000) / 1000 : 0;
}

static void fill_rungs(const struct tunnels *tunnels, const struct live *live, uint64_t now_ms,
		       struct rung_facts *facts, struct status_tunnel *row)
{
	const struct tunnel *tunnel = tunnels_get(tunnels, (size_t)(live - tunnels->live));
	const struct tunnel_progress *progress = &live->progress;
	struct reason_words words;
	enum reason reason;

	facts->state = progress->state;
	facts->reason = live->reason;
	facts->heard_ago_s = ago_s(live->heard_us, now_ms);
	facts->heard_port = live->heard_port;
	facts->inside_ago_s = ago_s(live->inside_us, now_ms);
	facts->is_nat = live->is_nat;
	facts->ike_suite = row->ike_suite;
	facts->esp_suite = row->esp_suite;
	facts->n_children = (uint32_t)tunnel->n_children;
	facts->n_children_up = progress->n_children_up;
	facts->child_down = tunnel->children[progress->child_down].name;
	facts->packets_in = row->packets_in;
	facts->packets_out = row->packets_out;
	row->stops_at = (uint8_t)rungs_fill(facts, row->rungs, &reason);
	if (row->stops_at == RUNG_N && progress->state == KEEPER_STATE_UP)
		reason = live->warning;
	print_reason(tunnels, live, reason, &words);
	snprintf(row->reason, sizeof(row->reason), "%s", words.text);
	snprintf(row->offered, sizeof(row->offered), "%s", words.offered);
	snprintf(row->azure_code, sizeof(row->azure_code), "%s", words.code);
	snprintf(row->azure_setting, sizeof(row->azure_setting), "%s", words.setting);
	snprintf(row->remedy, sizeof(row->remedy), "%s", words.remedy);
}

void tunnels_row(struct tunnels *tunnels, size_t i, uint64_t now_ms, const struct wan_state *wan,
		 bool has_route, struct status_tunnel *row)
{
	struct rung_facts facts = { .wan = *wan, .has_route = has_route };
	const struct tunnel *tunnel = tunnels_get(tunnels, i);
	const struct live *live = lock_live(tunnels, i);

	memcpy(row->name, tunnel->name, sizeof(row->name));
	row->state = (uint8_t)live->progress.state;
	row->gateway = tunnel->gateway;
	row->if_id = tunnel->if_id;
	row->n_children = live->progress.n_children;
	row->n_attempts = live->progress.n_attempts;
	row->establish_us = live->establish_us;
	row->since_s = live->since_s;
	if (live->progress.state == KEEPER_STATE_DOWN && live->progress.retry_ms > now_ms)
		row->retry_in_s = (uint32_t)((live->progress.retry_ms - now_ms + 999) / 1000);
	row->is_nat = live->is_nat;
	if (live->progress.has_ike)
		print_ike(&live->ike, row->ike_suite);
	if (live->progress.state == KEEPER_STATE_UP)
		print_esp(&live->esp, row->esp_suite);
	fill_rungs(tunnels, live, now_ms, &facts, row);
	pthread_mutex_unlock(&tunnels->lock);
}
