/* The parts that this process plugs into libcharon, for charon_*.c only.
 *
 * libcharon's constructors take no argument; so all parts are in one struct, which hangs in
 * libstrongswan's registry and is found by charon_parts().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <daemon.h>

#include "base/clock.h"
#include "iked/ike.h"
#include "iked/tunnels.h"
#include "iked/xfrmc.h"

/* What the second choice, strongSwan 6.0.1 (firmware/deps), says in other words. */
#ifdef CPU_ID_MAX
#define CHARON_NO_MOBIKE .options = OPT_NO_MOBIKE
#define CHARON_IS_FOR_ALL_CPUS(sa) ((sa)->cpu == CPU_ID_MAX)
#define CHARON_QUIET , FALSE
#else
#define CHARON_NO_MOBIKE .no_mobike = TRUE
#define CHARON_IS_FOR_ALL_CPUS(sa) TRUE
#define CHARON_QUIET
#endif

typedef struct charon_keeper_t charon_keeper_t;
typedef struct charon_peers_t charon_peers_t;
typedef struct charon_vici_t charon_vici_t;

struct charon_parts {
	struct tunnels *tunnels;
	struct xfrmc *xfrmc;
	int udp[2];	  /* for charon_socket_create, which takes them */
	socket_t *socket; /* set by charon_socket_create */
	charon_peers_t *peers;
	charon_keeper_t *keeper;
	charon_vici_t *vici;
	listener_t *events, *selectors;
	logger_t *logger;
};

#define CHARON_PARTS_NAME "fairlead"

static inline struct charon_parts *charon_parts(void)
{
	return lib->get(lib, CHARON_PARTS_NAME);
}

/* An IPv4 address of ours as libstrongswan's object, and the other way round. The caller owns the
 * object. */
host_t *charon_host_from_addr(const struct addr *addr, uint16_t port);
struct addr charon_addr_from_host(host_t *host);

/* --- charon_log.c: libcharon's words into our log; they are wanted at debug level only ----------
 */

logger_t *charon_log_create(void);
/* For what is said before libcharon has a bus. */
void charon_log_early(debug_t group, level_t level, char *format, ...);

/* --- charon_socket.c: a socket_t over descriptors that xfrmd owns --------------------------- */

socket_t *charon_socket_create(void);
/* Takes another pair in the place of the one in use, which is closed. */
void charon_socket_swap(socket_t *socket, const int udp[2]);

/* --- charon_wire.c: what the sockets tell before libcharon reads a packet ------------------- */

/* A datagram came from an IPv4 address, to our UDP port `port`. */
void charon_wire_note_packet(const uint8_t source[4], uint16_t port, chunk_t data);
/* Takes all ICMP errors off a socket's queue. */
void charon_wire_take_errors(int fd);
/* An ICMP error about a packet to a tunnel's gateway: one place for all that follows from it. It is
 * never taken for the gateway's death. */
void charon_wire_note_icmp(size_t tunnel, enum reason reason, const char *reporter);

/* --- charon_ipsec.c, charon_net.c: the kernel as libcharon sees it -------------------------- */

kernel_ipsec_t *charon_ipsec_create(void);
/* True when SAs may be installed for `ike_sa`: it has passed authentication, and what was proved is
 * the identity that its configuration asks for, by shared key. NULL: false. */
bool charon_ipsec_may_install(ike_sa_t *ike_sa);

kernel_net_t *charon_net_create(void);

/* --- charon_peers.c: the configuration as libcharon sees it --------------------------------- */

struct charon_peers_t {
	backend_t backend;
	/* Number of a tunnel's configuration, of its child's; -1 when it is none of ours. */
	int (*find)(charon_peers_t *this, peer_cfg_t *peer);
	int (*find_child)(charon_peers_t *this, int tunnel, child_cfg_t *child);
	size_t (*n_children)(charon_peers_t *this, size_t tunnel);
	bool (*may_initiate)(charon_peers_t *this, size_t tunnel);
	/* Configurations by number; owned by this. */
	peer_cfg_t *(*get)(charon_peers_t *this, size_t tunnel);
	child_cfg_t *(*get_child)(charon_peers_t *this, size_t tunnel, size_t child);
	void (*destroy)(charon_peers_t *this);
};

/* NULL when a tunnel has no key; that has been logged. */
charon_peers_t *charon_peers_create(struct tunnels *tunnels, const struct secrets *secrets);

/* --- charon_keeper.c: keeps every child SA up ----------------------------------------------- */

struct charon_keeper_t {
	/* Something changed: look at everything soon. Never blocks; from any thread. */
	void (*wake)(charon_keeper_t *this);
	/* The same, and traffic waits for a child SA. */
	void (*want)(charon_keeper_t *this, size_t tunnel, size_t child);
	/* The same, and a child SA of the tunnel cannot be rekeyed: opens the tunnel anew beside
	 * the old SAs, before they end. */
	void (*reopen)(charon_keeper_t *this, size_t tunnel);
	/* The same, and something hints that the gateway is gone: asks it, at most once in 5 s. */
	void (*probe)(charon_keeper_t *this, size_t tunnel);
	/* The same, and addresses or routes of the box changed. */
	void (*path_changed)(charon_keeper_t *this);
	/* Does nothing any more; returns when the look that is under way is over. */
	void (*stop)(charon_keeper_t *this);
	/* Only when no thread of libcharon is left. */
	void (*destroy)(charon_keeper_t *this);
};

charon_keeper_t *charon_keeper_create(charon_peers_t *peers, struct tunnels *tunnels);

/* --- charon_events.c: what happened, for status, log and keeper ----------------------------- */

listener_t *charon_events_create(void);

/* --- charon_selectors.c: which of the selectors that a gateway proposes are taken ----------- */

listener_t *charon_selectors_create(void);
/* When no thread of libcharon is left. Also NULL. */
void charon_selectors_destroy(listener_t *selectors);

/* --- charon_vici.c: read-only vici ---------------------------------------------------------- */

#define CHARON_VICI_PATH "/run/fairlead/iked/charon.vici"

struct charon_vici_t {
	void (*destroy)(charon_vici_t *this);
};

/* NULL when the socket cannot be opened. */
charon_vici_t *charon_vici_create(void);
