/* A SOCK_SEQPACKET server with a table of requests. The dispatcher is written once, here.
 *
 * Each request is a row: type, exact size, the states in which it may be asked, and who answers it.
 * A message of an unknown type, another size or in a wrong state is a protocol violation: it is
 * logged and ends the session. No heap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/event.h"
#include "runtime/loop.h"

#define SERVER_MAX_SESSIONS 4
#define SERVER_MAX_MESSAGE_BYTES 1600 /* struct status_tunnel is the largest */
#define SERVER_MAX_FDS 3

struct server;

struct server_session {
	struct loop_source source; /* fd -1: slot is free */
	struct server *server;
	uint32_t state; /* one bit; 1 after connect, later written by the answering functions */
	uint64_t age;	/* when it connected, in order */
};

/* What an answering function leaves to be sent. */
struct server_reply {
	size_t len; /* 0..SERVER_MAX_MESSAGE_BYTES; 0 = no answer, the session ends */
	uint8_t bytes[SERVER_MAX_MESSAGE_BYTES] __attribute__((aligned(8)));
	int n_fds; /* sent with SCM_RIGHTS; they stay ours */
	int fds[SERVER_MAX_FDS];
	int fd_to_close; /* -1, or one that is closed once the answer is sent */
};

struct server_row {
	uint16_t type;
	size_t size;
	uint32_t states; /* set of state bits */
	const char *name;
	/* `request` has exactly `size` bytes and is aligned to 8. */
	void (*answer)(struct server_session *session, const void *request,
		       struct server_reply *ret_reply);
};

struct server_config {
	const char *path;  /* of the socket; a stale one is removed */
	const char *name;  /* for the log */
	mode_t mode;	   /* of the socket file */
	const char *group; /* group of the socket file, NULL: leave it */
	const uid_t *uids; /* who may connect (SO_PEERCRED); NULL: whom the mode lets */
	size_t n_uids;
	int n_sessions;	  /* 1..SERVER_MAX_SESSIONS; a newer one ends the oldest */
	uint16_t version; /* every message begins with it and its type, in host order */
	const struct server_row *rows;			/* ends with name NULL */
	void (*on_end)(struct server_session *session); /* may be NULL */
	void *owner;
};

struct server {
	struct loop *loop;
	const struct server_config *config;
	struct loop_source listener;
	struct server_session sessions[SERVER_MAX_SESSIONS];
	uint64_t n_connected;
	struct event_budget told; /* violations, strangers */
};

/* Binds, listens and watches. `config` must outlive the server. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int server_open(struct server *server, struct loop *loop,
						    const struct server_config *config);
/* Answers one message of `len` bytes in `request`, which is aligned to 8. Returns 0 with
 * `ret_reply` filled, or -EPROTO for a violation, which is logged. Part of the server's own work;
 * public because it is the border that tests and fuzzers attack. */
__attribute__((warn_unused_result)) int server_dispatch(struct server_session *session,
							const void *request, size_t len,
							struct server_reply *ret_reply);
/* Ends all sessions and removes the socket file. */
void server_close(struct server *server);
/* Ends one session; safe from its own answering function. */
void server_end_session(struct server_session *session);
