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
	bool is_nat;
	struct negotiated ike, esp;
	enum reason reason, logged_reason;
	uint32_t reason_attempt; /* the attempt that the reason is of */
	time_t reason_s;	 /* and when it was met */
	char detail[MAX_SENTENCE_BYTES];
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
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_note_ended(struct tunnels *tunnels, size_t i)
{
	lock_live(tunnels, i)->start_us = 0;
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_set_ike(struct tunnels *tunnels, size_t i, const struct negotiated *suite, bool is_nat)
{
	struct live *live = lock_live(tunnels, i);

	live->ike = *suite;
	live->is_nat = is_nat;
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_set_esp(struct tunnels *tunnels, size_t i, const struct negotiated *suite)
{
	lock_live(tunnels, i)->esp = *suite;
	pthread_mutex_unlock(&tunnels->lock);
}

/* Logs what keeps a tunnel down, once for each reason. */
static void log_reason(const struct tunnel *tunnel, struct live *live)
{
	char text[MAX_SENTENCE_BYTES], remedy[MAX_SENTENCE_BYTES], gateway[ADDR_TEXT_BYTES];

	if (live->progress.state == KEEPER_STATE_UP || live->reason == live->logged_reason ||
	    live->reason == REASON_NONE)
		return;
	live->logged_reason = live->reason;
	reason_print(live->reason, tunnel, live->detail, text, remedy);
	event_log(EVENT_ATTEMPT_FAILED, "tunnel=%s gateway=%s why=%s reason=\"%s\" remedy=\"%s\"",
		  tunnel->name, addr_print(&tunnel->gateway, gateway), reason_id(live->reason),
		  text, remedy);
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
		log_reason(tunnels_get(tunnels, i), live);
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

static void log_down(const struct tunnel *tunnel, const struct live *live)
{
	char text[MAX_SENTENCE_BYTES], remedy[MAX_SENTENCE_BYTES], gateway[ADDR_TEXT_BYTES];

	reason_print(live->reason, tunnel, live->detail, text, remedy);
	event_log(EVENT_TUNNEL_DOWN, "tunnel=%s gateway=%s why=%s reason=\"%s\"", tunnel->name,
		  addr_print(&tunnel->gateway, gateway), reason_id(live->reason), text);
}

/* UP clears the reason; a reason that came while it was up, before the loss was seen, stays. */
static void change_state(const struct tunnel *tunnel, struct live *live, enum keeper_state before)
{
	if (live->progress.state == KEEPER_STATE_UP) {
		live->reason = REASON_NONE;
		live->logged_reason = REASON_NONE;
		log_up(tunnel, live);
	} else if (before == KEEPER_STATE_UP) {
		if (live->reason == REASON_NONE)
			live->reason = REASON_ENDED;
		live->logged_reason = live->reason;
		log_down(tunnel, live);
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
		change_state(tunnels_get(tunnels, i), live, before);
	pthread_mutex_unlock(&tunnels->lock);
}

void tunnels_row(struct tunnels *tunnels, size_t i, uint64_t now_ms, struct status_tunnel *ret_row)
{
	const struct tunnel *tunnel = tunnels_get(tunnels, i);
	const struct live *live = lock_live(tunnels, i);
	bool is_up = live->progress.state == KEEPER_STATE_UP;

	memset(ret_row, 0, sizeof(*ret_row));
	memcpy(ret_row->name, tunnel->name, sizeof(ret_row->name));
	ret_row->state = (uint8_t)live->progress.state;
	ret_row->gateway = tunnel->gateway;
	ret_row->if_id = tunnel->if_id;
	ret_row->n_children = live->progress.n_children;
	ret_row->n_attempts = live->progress.n_attempts;
	ret_row->establish_us = live->establish_us;
	ret_row->since_s = live->since_s;
	if (live->progress.state == KEEPER_STATE_DOWN && live->progress.retry_ms > now_ms)
		ret_row->retry_in_s = (uint32_t)((live->progress.retry_ms - now_ms + 999) / 1000);
	if (is_up) {
		ret_row->is_nat = live->is_nat;
		print_ike(&live->ike, ret_row->ike_suite);
		print_esp(&live->esp, ret_row->esp_suite);
	} else {
		reason_print(live->reason, tunnel, live->detail, ret_row->reason, ret_row->remedy);
	}
	pthread_mutex_unlock(&tunnels->lock);
}
