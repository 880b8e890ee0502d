/* The channel between iked (asks) and xfrmd (decides): /run/fairlead/xfrmd/xfrm.sock.
 *
 * SOCK_SEQPACKET, one datagram a message, one request in flight, every request answered by one
 * struct xfrm_reply. One session at a time: a newer one ends the older. The first request is HELLO;
 * its answer brings three descriptors (SCM_RIGHTS): UDP 500, UDP 4500, and a SOCK_SEQPACKET on
 * which xfrmd sends struct xfrm_event. Both ends are one machine: host byte order, but for fields
 * named _be. Transform numbers are those of IANA's IKEv2 registry (config/suite.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <assert.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/limits.h"

#define XFRM_PROTO_VERSION 2
#define XFRM_SOCKET_PATH "/run/fairlead/xfrmd/xfrm.sock"
#define XFRM_HELLO_N_FDS 3

enum xfrm_request_type {
	XFRM_REQUEST_HELLO = 1,	       /* struct xfrm_hello */
	XFRM_REQUEST_SPI_GET = 2,      /* struct xfrm_spi_get; answer: spi_be */
	XFRM_REQUEST_SA_ADD = 3,       /* struct xfrm_sa_add */
	XFRM_REQUEST_SA_QUERY = 4,     /* struct xfrm_sa_ref; answer: bytes, packets, used_ago_s */
	XFRM_REQUEST_SA_DEL = 5,       /* struct xfrm_sa_ref */
	XFRM_REQUEST_TUNNEL_DOUBT = 6, /* struct xfrm_tunnel_doubt */
};

enum xfrm_direction { XFRM_DIRECTION_IN = 1, XFRM_DIRECTION_OUT = 2 };
enum xfrm_mode { XFRM_MODE_TRANSPORT_ASKED = 0, XFRM_MODE_TUNNEL_ASKED = 1 };
#define XFRM_SA_ENCAP (1u << 0) /* ESP in UDP (RFC 3948) */
#define XFRM_SA_ESN (1u << 1)	/* extended sequence numbers */

struct xfrm_header {
	uint16_t version; /* XFRM_PROTO_VERSION */
	uint16_t type;	  /* enum xfrm_request_type; of the reply: of what it answers */
	uint32_t sequence;
};

struct xfrm_hello {
	struct xfrm_header header;
	uint8_t config_sha256[32]; /* of the configuration text that iked loaded */
};

/* Reserves an inbound SPI. */
struct xfrm_spi_get {
	struct xfrm_header header;
	struct addr src, dst; /* peer, we */
};

/* One SA of ours, inbound or outbound. */
struct xfrm_sa_ref {
	struct xfrm_header header;
	struct addr src, dst;
	uint32_t spi_be, if_id;
};

/* Installs an SA. Inbound: takes the place of the reserved SPI. Limits of 0 mean none. */
struct xfrm_sa_add {
	struct xfrm_header header;
	struct addr src, dst;
	uint32_t spi_be, if_id, reqid;
	uint8_t direction; /* enum xfrm_direction */
	uint8_t protocol;  /* IPPROTO_ESP */
	uint8_t mode;	   /* enum xfrm_mode */
	uint8_t flags;	   /* XFRM_SA_... */
	uint16_t encr, integ;
	uint16_t encr_key_bytes, integ_key_bytes; /* with the salt of AES-GCM */
	uint16_t encap_src_port, encap_dst_port;  /* host order, 0 without XFRM_SA_ENCAP */
	uint32_t replay_window;			  /* packets */
	uint64_t soft_bytes, hard_bytes, soft_packets, hard_packets;
	uint64_t soft_s, hard_s;     /* since installed */
	struct prefix local, remote; /* the child SA's traffic selectors as negotiated */
	uint8_t encr_key[MAX_ENCR_KEY_BYTES];
	uint8_t integ_key[MAX_INTEG_KEY_BYTES];
	uint8_t reserved_tail[4];
};

/* Its peer may be dead: other tunnels to the same prefixes come first while it is so. */
struct xfrm_tunnel_doubt {
	struct xfrm_header header;
	uint32_t if_id;
	uint32_t is_doubted; /* 1 or 0 */
};

struct xfrm_reply {
	struct xfrm_header header;
	int32_t error;	 /* 0, or a negative errno: -EACCES refused, others from the kernel */
	uint32_t spi_be; /* SPI_GET */
	uint64_t bytes, packets;
	uint64_t used_ago_s;		  /* seconds since last use; UINT64_MAX if never */
	uint8_t config_sha256[32];	  /* HELLO: what xfrmd holds; -ESTALE if it differs */
	char refusal[MAX_SENTENCE_BYTES]; /* why, when refused; NUL-terminated */
};

enum xfrm_event_type {
	XFRM_EVENT_EXPIRE = 1,	/* soft (is_hard 0): rekey; hard: the kernel has deleted it */
	XFRM_EVENT_ACQUIRE = 2, /* traffic waits for the child SA of `reqid` */
	XFRM_EVENT_MAPPING = 3, /* the peer of an SA in UDP moved to new_src, new_src_port */
};

struct xfrm_event {
	uint16_t version;
	uint16_t type; /* enum xfrm_event_type */
	uint8_t is_hard;
	uint8_t reserved[3];
	uint32_t spi_be, reqid;
	struct addr dst, new_src;
	uint16_t new_src_port;
	uint8_t reserved_tail[6];
};

static_assert(sizeof(struct xfrm_header) == 8 && sizeof(struct xfrm_hello) == 40 &&
		      sizeof(struct xfrm_spi_get) == 48 && sizeof(struct xfrm_sa_ref) == 56 &&
		      sizeof(struct xfrm_sa_add) == 280 && sizeof(struct xfrm_reply) == 232 &&
		      sizeof(struct xfrm_tunnel_doubt) == 16 && sizeof(struct xfrm_event) == 64,
	      "no padding");
