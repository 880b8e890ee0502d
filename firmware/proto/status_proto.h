/* The channel on which `fairlead` asks the daemons how they are. Read-only.
 *
 * SOCK_SEQPACKET, one request, one row back. iked answers rows of tunnels on STATUS_IKED_PATH,
 * xfrmd one row on STATUS_XFRMD_PATH. Rows are numbered from 0; past the last: error -ENOENT.
 * The sockets belong to the group `fairlead`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <assert.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/limits.h"
#include "config/suite.h"
#include "proto/rung.h"

#define STATUS_PROTO_VERSION 2

/* Each daemon owns a folder of its own below STATUS_RUN_DIR: none can stand in for another. */
#define STATUS_RUN_DIR "/run/fairlead"
#define STATUS_IKED_SOCKET "iked/status.sock"
#define STATUS_XFRMD_SOCKET "xfrmd/status.sock"
#define STATUS_IKED_PATH STATUS_RUN_DIR "/" STATUS_IKED_SOCKET
#define STATUS_XFRMD_PATH STATUS_RUN_DIR "/" STATUS_XFRMD_SOCKET

enum status_request_type {
	STATUS_REQUEST_TUNNEL = 1, /* iked: struct status_tunnel number `row` */
	STATUS_REQUEST_KERNEL = 2, /* xfrmd: struct status_kernel, row 0 */
};

struct status_request {
	uint16_t version;
	uint16_t type; /* enum status_request_type */
	uint32_t row;
};

enum tunnel_state {
	TUNNEL_STATE_DOWN = 0,	     /* waits for its next try, see retry_in_s */
	TUNNEL_STATE_CONNECTING = 1, /* IKE_SA_INIT or IKE_AUTH under way */
	TUNNEL_STATE_UP = 2,	     /* at least one child SA installed */
	TUNNEL_STATE_WAITING = 3,    /* responder only: the gateway has to begin */
};

struct status_rung {
	uint8_t state; /* enum rung_state */
	char text[MAX_RUNG_TEXT_BYTES];
};

struct status_tunnel {
	uint16_t version;
	uint16_t type;
	int32_t error; /* 0 or -ENOENT */
	char name[MAX_NAME_BYTES];
	uint8_t state;	  /* enum tunnel_state */
	uint8_t is_nat;	  /* traffic runs in UDP */
	uint8_t stops_at; /* enum rung; RUNG_N: nowhere */
	uint8_t reserved[4];
	struct addr gateway;
	uint32_t if_id;
	uint32_t n_children;   /* child SAs installed */
	uint32_t n_attempts;   /* since it was last up */
	uint32_t retry_in_s;   /* 0 unless down */
	uint32_t establish_us; /* from its beginning to the child SA, last time; 0 if never */
	uint64_t since_s;      /* when the state began, Unix time */
	uint64_t bytes_in, bytes_out;
	uint64_t packets_in, packets_out;
	char ike_suite[SUITE_TEXT_BYTES]; /* negotiated, "" unless up */
	char esp_suite[SUITE_TEXT_BYTES];
	char reason[MAX_SENTENCE_BYTES];  /* why it stops there, "" when it does not */
	char offered[MAX_SENTENCE_BYTES]; /* what we had offered, "" where that does not matter */
	char azure_code[MAX_AZURE_BYTES]; /* what Azure's log has for it, "" when nothing */
	char azure_setting[MAX_AZURE_BYTES]; /* which of Azure's settings it is, "" when none */
	char remedy[MAX_REMEDY_BYTES];	     /* what to do about it, "" when nothing */
	struct status_rung rungs[RUNG_N];
};

struct status_kernel {
	uint16_t version;
	uint16_t type;
	int32_t error;
	uint64_t up_since_s; /* Unix time at which xfrmd had closed all prefixes */
	uint32_t n_tunnels, n_sas;
	uint64_t n_requests, n_refusals;
	uint8_t is_iked_connected;
	uint8_t reserved[7];
	uint8_t config_sha256[32];
	char last_refusal[MAX_SENTENCE_BYTES]; /* "" if none */
};

static_assert(sizeof(struct status_request) == 8, "no padding");
static_assert(sizeof(struct status_tunnel) == 1520, "no padding");
static_assert(sizeof(struct status_kernel) == 240, "no padding");
