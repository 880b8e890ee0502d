/* libcharon, embedded: start, stop, and what comes in from the rest of the process.
 *
 * No strongswan.conf: settings are made here. libstrongswan reads one of them while it initializes;
 * that one comes from a file in memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#include <plugins/plugin_feature.h>

#include "base/log.h"
#include "crypto/crypto.h"

#define NAMESPACE "iked"

/* Read inside library_init: MODP exponents as long as RFC 3526 section 8 asks, not as the prime. */
#define EARLY_SETTINGS NAMESPACE " { dh_exponent_ansi_x9_42 = no }\n"

/* Built in, and nothing but these: nonces and IKE's key derivation, both over our crypto. */
#define PLUGINS "nonce! kdf!"

/* Four threads sleep for ever: scheduler, sender, receiver, watcher. */
#define N_THREADS 8

/* Each with the reason why it is not libcharon's default. */
static const struct {
	const char *key, *value;
} settings[] = {
	/* A try ends after 23 s, not 165: 1, 1.5, 2.25, six times 3 s, less up to 10 %. The limit
	 * is for a gateway that answers again: it is heard of at most 3 s later. */
	{ "retransmit_timeout", "1.0" },
	{ "retransmit_base", "1.5" },
	{ "retransmit_limit", "3" },
	{ "retransmit_tries", "8" },
	{ "retransmit_jitter", "10" },
	/* charon_keeper.c says in which IKE SA a child is initiated. */
	{ "reuse_ikesa", "no" },
	/* A gateway is what the configuration says, nothing that a message names. */
	{ "follow_redirects", "no" },
	/* One round, by shared key. */
	{ "multiple_authentication", "no" },
	{ "signature_authentication", "no" },
	{ "send_vendor_id", "no" },
	/* Fragments of IKE's own that no link has to cut again. */
	{ "fragment_size", "576" },
	/* Routes are xfrmd's, and there are no virtual addresses. */
	{ "install_routes", "no" },
	{ "install_virtual_ip", "no" },
};

host_t *charon_host_from_addr(const struct addr *addr, uint16_t port)
{
	bool is_ipv6 = addr->family == ADDR_FAMILY_IPV6;

	return host_create_from_chunk(is_ipv6 ? AF_INET6 : AF_INET,
				      chunk_create((uint8_t *)addr->bytes, is_ipv6 ? 16 : 4), port);
}

struct addr charon_addr_from_host(host_t *host)
{
	chunk_t bytes = host->get_address(host);
	struct addr addr = { .family = host->get_family(host) == AF_INET6 ? ADDR_FAMILY_IPV6
									  : ADDR_FAMILY_IPV4 };

	memcpy(addr.bytes, bytes.ptr, min(bytes.len, sizeof(addr.bytes)));
	return addr;
}

/* --- start ---------------------------------------------------------------------------------- */

/* Initializes libstrongswan with the settings that it reads meanwhile. */
static bool init_library(void)
{
	char path[32];
	bool is_good = FALSE;
	int fd = memfd_create("settings", MFD_CLOEXEC);

	dbg = charon_log_early;
	if (fd >= 0 && write(fd, EARLY_SETTINGS, strlen(EARLY_SETTINGS)) > 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		is_good = library_init(path, NAMESPACE);
	}
	if (fd >= 0)
		close(fd);
	return is_good &&
	       !lib->settings->get_bool(lib->settings, NAMESPACE ".dh_exponent_ansi_x9_42", TRUE);
}

static void apply_settings(void)
{
	for (size_t i = 0; i < countof(settings); i++)
		lib->settings->set_str(lib->settings, "%s.%s", (char *)settings[i].value, lib->ns,
				       settings[i].key);
	lib->settings->set_int(lib->settings, "%s.threads", N_THREADS, lib->ns);
}

static void add_features(void)
{
	plugin_feature_t features[] = {
		PLUGIN_CALLBACK(kernel_ipsec_register, charon_ipsec_create),
		PLUGIN_PROVIDE(CUSTOM, "kernel-ipsec"),
		PLUGIN_CALLBACK(kernel_net_register, charon_net_create),
		PLUGIN_PROVIDE(CUSTOM, "kernel-net"),
		PLUGIN_CALLBACK(socket_register, charon_socket_create),
		PLUGIN_PROVIDE(CUSTOM, "socket"),
	};

	crypto_register();
	lib->plugins->add_static_features(lib->plugins, "fairlead-kernel", features,
					  countof(features), TRUE, NULL, NULL);
}

/* Everything that needs libcharon loaded and its threads not yet running. */
static int add_parts(struct charon_parts *parts, const struct ike_config *config)
{
	parts->peers = charon_peers_create(config->tunnels, config->secrets);
	if (!parts->peers)
		return -ENOENT;
	parts->keeper = charon_keeper_create(parts->peers, config->tunnels);
	parts->events = charon_events_create();
	charon->bus->add_listener(charon->bus, parts->events);
	parts->selectors = charon_selectors_create();
	charon->bus->add_listener(charon->bus, parts->selectors);
	parts->vici = charon_vici_create();
	if (!parts->vici)
		log_warn("vici is not available path=%s", CHARON_VICI_PATH);
	return 0;
}

int ike_start(const struct ike_config *config)
{
	struct charon_parts *parts;
	int rc;

	INIT(parts, .tunnels = config->tunnels, .xfrmc = config->xfrmc,
	     .udp = { config->udp[0], config->udp[1] });
	if (!init_library()) {
		log_error("libstrongswan does not start");
		free(parts);
		return -EIO;
	}
	lib->set(lib, CHARON_PARTS_NAME, parts);
	parts->logger = charon_log_create();
	if (!libcharon_init()) {
		log_error("libcharon does not start");
		return -EIO;
	}
	charon->bus->add_logger(charon->bus, parts->logger);
	apply_settings();
	add_features();
	if (!charon->initialize(charon, PLUGINS)) {
		lib->plugins->status(lib->plugins, LEVEL_CTRL);
		log_error("libcharon misses a part that it needs; --log-level debug names it");
		return -EIO;
	}
	rc = add_parts(parts, config);
	if (rc < 0)
		return rc;
	charon->start(charon);
	parts->keeper->wake(parts->keeper);
	return 0;
}

/* --- stop ----------------------------------------------------------------------------------- */

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* In an order in which nothing is used after it is gone: first all that initiates or calls in, then
 * the SAs, with a DELETE each, then the threads, then what the threads used. */
void ike_stop(void)
{
	struct charon_parts *parts = lib ? charon_parts() : NULL;

	if (!parts) {
		if (lib)
			library_deinit();
		return;
	}
	if (parts->keeper)
		parts->keeper->stop(parts->keeper);
	if (parts->vici)
		parts->vici->destroy(parts->vici);
	if (parts->events)
		charon->bus->remove_listener(charon->bus, parts->events);
	if (parts->selectors)
		charon->bus->remove_listener(charon->bus, parts->selectors);
	if (parts->peers)
		parts->peers->destroy(parts->peers);
	libcharon_deinit();
	if (parts->keeper)
		parts->keeper->destroy(parts->keeper);
	free(parts->events);
	charon_selectors_destroy(parts->selectors);
	dbg = charon_log_early;
	free(parts->logger);
	close_fd(parts->udp[0]);
	close_fd(parts->udp[1]);
	lib->set(lib, CHARON_PARTS_NAME, NULL);
	free(parts);
	library_deinit();
}

/* --- while it runs -------------------------------------------------------------------------- */

static void on_acquire(struct charon_parts *parts, uint32_t reqid)
{
	size_t child;
	int tunnel = tunnels_find_reqid(parts->tunnels, reqid, &child);

	if (tunnel >= 0)
		parts->keeper->want(parts->keeper, (size_t)tunnel, child);
}

void ike_event(const struct xfrm_event *event)
{
	host_t *dst = charon_host_from_addr(&event->dst, 0), *moved;

	switch ((enum xfrm_event_type)event->type) {
	case XFRM_EVENT_EXPIRE:
		charon->kernel->expire(charon->kernel, IPPROTO_ESP, event->spi_be, dst,
				       event->is_hard);
		break;
	case XFRM_EVENT_MAPPING:
		moved = charon_host_from_addr(&event->new_src, event->new_src_port);
		charon->kernel->mapping(charon->kernel, IPPROTO_ESP, event->spi_be, dst, moved);
		moved->destroy(moved);
		break;
	case XFRM_EVENT_ACQUIRE:
		on_acquire(charon_parts(), event->reqid);
		break;
	}
	dst->destroy(dst);
}

/* Replaces a child SA that the kernel does not have: to be told that it expires is libcharon's cue.
 */
static void verify_child(ike_sa_t *ike_sa, child_sa_t *child_sa)
{
	host_t *mine = ike_sa->get_my_host(ike_sa);
	kernel_ipsec_sa_id_t id = {
		.src = ike_sa->get_other_host(ike_sa),
		.dst = mine,
		.spi = child_sa->get_spi(child_sa, TRUE),
		.proto = IPPROTO_ESP,
		.if_id = child_sa->get_if_id(child_sa, TRUE),
	};
	kernel_ipsec_query_sa_t query = { 0 };

	if (child_sa->get_state(child_sa) == CHILD_INSTALLED &&
	    charon->kernel->query_sa(charon->kernel, &id, &query, NULL, NULL, NULL) != SUCCESS)
		charon->kernel->expire(charon->kernel, IPPROTO_ESP, id.spi, mine, FALSE);
}

static void for_each_child(void (*visit)(ike_sa_t *ike_sa, child_sa_t *child_sa, void *data),
			   void *data)
{
	enumerator_t *ikes, *children;
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;

	ikes = charon->ike_sa_manager->create_enumerator(charon->ike_sa_manager, TRUE);
	while (ikes->enumerate(ikes, &ike_sa)) {
		children = ike_sa->create_child_sa_enumerator(ike_sa);
		while (children->enumerate(children, &child_sa))
			visit(ike_sa, child_sa, data);
		children->destroy(children);
	}
	ikes->destroy(ikes);
}

static void visit_verify(ike_sa_t *ike_sa, child_sa_t *child_sa, void *data)
{
	verify_child(ike_sa, child_sa);
}

void ike_reconnected(const int udp[static 2])
{
	struct charon_parts *parts = charon_parts();

	charon_socket_swap(parts->socket, udp);
	for (size_t i = 0; i < tunnels_n(parts->tunnels); i++)
		if (tunnels_is_doubted(parts->tunnels, i))
			(void)!xfrmc_tunnel_doubt(parts->xfrmc, tunnels_if_id(parts->tunnels, i),
						  TRUE);
	for_each_child(visit_verify, NULL);
}

void ike_path_changed(void)
{
	struct charon_parts *parts = charon_parts();

	parts->keeper->path_changed(parts->keeper);
}

struct count {
	int tunnel;
	struct ike_counters counters;
};

static void visit_count(ike_sa_t *ike_sa, child_sa_t *child_sa, void *data)
{
	charon_peers_t *peers = charon_parts()->peers;
	struct count *count = data;
	uint64_t bytes = 0, packets = 0;
	time_t used_s = 0; /* of CLOCK_MONOTONIC */

	if (peers->find(peers, ike_sa->get_peer_cfg(ike_sa)) != count->tunnel)
		return;
	child_sa->get_usestats(child_sa, TRUE, &used_s, &bytes, &packets);
	if (packets > 0)
		tunnels_note_inside(charon_parts()->tunnels, (size_t)count->tunnel,
				    used_s ? (uint64_t)used_s * 1000000 : clock_now_us());
	count->counters.bytes_in += bytes;
	count->counters.packets_in += packets;
	child_sa->get_usestats(child_sa, FALSE, NULL, &bytes, &packets);
	count->counters.bytes_out += bytes;
	count->counters.packets_out += packets;
}

void ike_count(size_t tunnel, struct ike_counters *ret_counters)
{
	struct count count = { .tunnel = (int)tunnel };

	for_each_child(visit_count, &count);
	*ret_counters = count.counters;
}
