/* SAs and their events as NETLINK_XFRM messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/netlink_sa.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "config/suite.h"

/* XFRMA_SA_DIR, in the headers since 6.10; its values are those of enum xfrm_direction. */
#define ATTR_SA_DIR 33

/* A range of its own, so that an SPI of ours is told at sight; 2^28 are enough for chance. */
#define SPI_MIN 0xc0000000u
#define SPI_MAX 0xcfffffffu

#define BITMAP_WORD_BITS 32
#define MAX_BITMAP_WORDS (4096 / BITMAP_WORD_BITS)
#define MAX_LEGACY_WINDOW 32

/* The kernel's names (crypto/ and net/xfrm/xfrm_algo.c), with the length of the check value. */
static const struct algorithm {
	uint16_t id;
	uint32_t icv_bits;
	const char *name;
} encr_algorithms[] = {
	{ ENCR_AES_GCM_16, 128, "rfc4106(gcm(aes))" },
	{ ENCR_AES_CBC, 0, "cbc(aes)" },
	{ ENCR_3DES, 0, "cbc(des3_ede)" },
}, integ_algorithms[] = {
	{ INTEG_HMAC_MD5_96, 96, "hmac(md5)" },
	{ INTEG_HMAC_SHA1_96, 96, "hmac(sha1)" },
	{ INTEG_HMAC_SHA2_256_128, 128, "hmac(sha256)" },
	{ INTEG_HMAC_SHA2_384_192, 192, "hmac(sha384)" },
};

static const struct algorithm *find_algorithm(const struct algorithm *rows, size_t n, uint16_t id)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

static void put_direction(struct nlmsghdr *message, uint8_t direction, bool has_sa_dir)
{
	if (has_sa_dir)
		mnl_attr_put_u8(message, ATTR_SA_DIR, direction);
}

void netlink_spi_get(void *buf, const struct xfrm_spi_get *request, uint32_t if_id, bool has_sa_dir)
{
	struct xfrm_userspi_info *spi = netlink_header(buf, XFRM_MSG_ALLOCSPI, 0, sizeof(*spi));

	spi->info.id =
		(struct xfrm_id){ .daddr = netlink_from_addr(&request->dst), .proto = IPPROTO_ESP };
	spi->info.saddr = netlink_from_addr(&request->src);
	spi->info.family = netlink_family(&request->dst);
	spi->info.mode = XFRM_MODE_TUNNEL;
	spi->min = SPI_MIN;
	spi->max = SPI_MAX;
	mnl_attr_put_u32(buf, XFRMA_IF_ID, if_id);
	put_direction(buf, XFRM_DIRECTION_IN, has_sa_dir);
}

static void fill_info(struct xfrm_usersa_info *info, const struct xfrm_sa_add *request)
{
	bool is_in = request->direction == XFRM_DIRECTION_IN;

	info->sel = netlink_selector(is_in ? &request->remote : &request->local,
				     is_in ? &request->local : &request->remote);
	info->id = (struct xfrm_id){ .daddr = netlink_from_addr(&request->dst),
				     .spi = request->spi_be,
				     .proto = IPPROTO_ESP };
	info->saddr = netlink_from_addr(&request->src);
	info->lft.soft_byte_limit = request->soft_bytes ?: XFRM_INF;
	info->lft.hard_byte_limit = request->hard_bytes ?: XFRM_INF;
	info->lft.soft_packet_limit = request->soft_packets ?: XFRM_INF;
	info->lft.hard_packet_limit = request->hard_packets ?: XFRM_INF;
	info->lft.soft_add_expires_seconds = request->soft_s;
	info->lft.hard_add_expires_seconds = request->hard_s;
	info->reqid = request->reqid;
	info->family = netlink_family(&request->dst);
	info->mode = XFRM_MODE_TUNNEL;
	info->flags = request->flags & XFRM_SA_ESN ? XFRM_STATE_ESN : 0;
}

/* The three kinds of algorithm differ in the length of the check value, which XFRMA_ALG_CRYPT has
 * not. */
static void put_key(struct nlmsghdr *message, uint16_t type, const struct algorithm *algorithm,
		    const uint8_t *key, size_t key_bytes)
{
	struct xfrm_algo_aead head = { .alg_key_len = (unsigned int)key_bytes * 8,
				       .alg_icv_len = algorithm->icv_bits };
	size_t head_bytes = type == XFRMA_ALG_CRYPT ? sizeof(struct xfrm_algo) : sizeof(head);
	uint8_t value[sizeof(head) + MAX_INTEG_KEY_BYTES];

	memcpy(head.alg_name, algorithm->name, strlen(algorithm->name));
	memcpy(value, &head, head_bytes);
	memcpy(value + head_bytes, key, key_bytes);
	mnl_attr_put(message, type, head_bytes + key_bytes, value);
	secret_wipe_bytes(value, sizeof(value));
}

/* What is not in the tables did not pass the envelope; the kernel refuses an SA without keys. */
static void put_keys(struct nlmsghdr *message, const struct xfrm_sa_add *request)
{
	const struct algorithm *encr =
		find_algorithm(encr_algorithms, countof(encr_algorithms), request->encr);
	const struct algorithm *integ =
		find_algorithm(integ_algorithms, countof(integ_algorithms), request->integ);

	if (encr)
		put_key(message, encr->icv_bits ? XFRMA_ALG_AEAD : XFRMA_ALG_CRYPT, encr,
			request->encr_key, request->encr_key_bytes);
	if (integ)
		put_key(message, XFRMA_ALG_AUTH_TRUNC, integ, request->integ_key,
			request->integ_key_bytes);
}

/* A window over 32 packets, and ESN always, need the newer bitmap. Outbound has no window, but
 * before SA_DIR the kernel wanted one with ESN. */
static void put_replay(struct nlmsghdr *message, struct xfrm_usersa_info *info,
		       const struct xfrm_sa_add *request, bool has_sa_dir)
{
	uint32_t words[sizeof(struct xfrm_replay_state_esn) / 4 + MAX_BITMAP_WORDS] = { 0 };
	struct xfrm_replay_state_esn *replay = (struct xfrm_replay_state_esn *)words;
	bool is_esn = request->flags & XFRM_SA_ESN;
	uint32_t window = request->replay_window;

	if (request->direction == XFRM_DIRECTION_OUT)
		window = is_esn && !has_sa_dir ? 1 : 0;
	if (!is_esn && window <= MAX_LEGACY_WINDOW) {
		info->replay_window = (uint8_t)window;
		return;
	}
	replay->replay_window = window;
	replay->bmp_len = (window + BITMAP_WORD_BITS - 1) / BITMAP_WORD_BITS;
	mnl_attr_put(message, XFRMA_REPLAY_ESN_VAL,
		     sizeof(*replay) + replay->bmp_len * sizeof(uint32_t), replay);
}

void netlink_sa_add(void *buf, const struct xfrm_sa_add *request, bool has_sa_dir)
{
	uint16_t type = request->direction == XFRM_DIRECTION_IN ? XFRM_MSG_UPDSA : XFRM_MSG_NEWSA;
	struct xfrm_usersa_info *info = netlink_header(buf, type, 0, sizeof(*info));

	fill_info(info, request);
	put_keys(buf, request);
	if (request->flags & XFRM_SA_ENCAP) {
		struct xfrm_encap_tmpl encap = { .encap_type = UDP_ENCAP_ESPINUDP,
						 .encap_sport = htons(request->encap_src_port),
						 .encap_dport = htons(request->encap_dst_port) };

		mnl_attr_put(buf, XFRMA_ENCAP, sizeof(encap), &encap);
	}
	mnl_attr_put_u32(buf, XFRMA_IF_ID, request->if_id);
	put_direction(buf, request->direction, has_sa_dir);
	put_replay(buf, info, request, has_sa_dir);
}

void netlink_sa_name(void *buf, uint16_t type, const struct addr *dst, uint32_t spi_be)
{
	struct xfrm_usersa_id *id = netlink_header(buf, type, 0, sizeof(*id));

	id->daddr = netlink_from_addr(dst);
	id->spi = spi_be;
	id->family = netlink_family(dst);
	id->proto = IPPROTO_ESP;
}

int netlink_sa_parse(const struct nlmsghdr *message, struct netlink_sa *ret_sa)
{
	const struct xfrm_usersa_info *info = netlink_payload(message, sizeof(*info));
	const struct nlattr *used;

	if (!info)
		return -EBADMSG;
	used = netlink_attr(message, sizeof(*info), XFRMA_LASTUSED, sizeof(uint64_t));
	*ret_sa = (struct netlink_sa){
		.src = netlink_to_addr(&info->saddr, info->family),
		.dst = netlink_to_addr(&info->id.daddr, info->family),
		.spi_be = info->id.spi,
		.if_id = netlink_u32(message, sizeof(*info), XFRMA_IF_ID),
		.reqid = info->reqid,
		.is_esp_tunnel = info->id.proto == IPPROTO_ESP && info->mode == XFRM_MODE_TUNNEL,
		.has_keys = netlink_attr(message, sizeof(*info), XFRMA_ALG_AEAD, 0) ||
			    netlink_attr(message, sizeof(*info), XFRMA_ALG_CRYPT, 0),
		.bytes = info->curlft.bytes,
		.packets = info->curlft.packets,
		.used_at_s = used ? mnl_attr_get_u64(used) : 0,
	};
	return 0;
}

static int parse_expire(const struct nlmsghdr *message, struct xfrm_event *ret_event)
{
	const struct xfrm_user_expire *expire = netlink_payload(message, sizeof(*expire));

	if (!expire)
		return -EBADMSG;
	*ret_event = (struct xfrm_event){
		.version = XFRM_PROTO_VERSION,
		.type = XFRM_EVENT_EXPIRE,
		.is_hard = expire->hard != 0,
		.spi_be = expire->state.id.spi,
		.reqid = expire->state.reqid,
		.dst = netlink_to_addr(&expire->state.id.daddr, expire->state.family),
	};
	return 0;
}

static int parse_acquire(const struct nlmsghdr *message, struct xfrm_event *ret_event)
{
	const struct xfrm_user_acquire *acquire = netlink_payload(message, sizeof(*acquire));
	const struct xfrm_user_tmpl *template;
	const struct nlattr *attr;

	attr = netlink_attr(message, sizeof(*acquire), XFRMA_TMPL, sizeof(*template));
	if (!acquire || !attr)
		return -EBADMSG;
	template = mnl_attr_get_payload(attr);
	*ret_event = (struct xfrm_event){
		.version = XFRM_PROTO_VERSION,
		.type = XFRM_EVENT_ACQUIRE,
		.reqid = template->reqid,
		.dst = netlink_to_addr(&acquire->id.daddr, template->family),
	};
	return 0;
}

static int parse_mapping(const struct nlmsghdr *message, struct xfrm_event *ret_event)
{
	const struct xfrm_user_mapping *mapping = netlink_payload(message, sizeof(*mapping));

	if (!mapping)
		return -EBADMSG;
	*ret_event = (struct xfrm_event){
		.version = XFRM_PROTO_VERSION,
		.type = XFRM_EVENT_MAPPING,
		.spi_be = mapping->id.spi,
		.reqid = mapping->reqid,
		.dst = netlink_to_addr(&mapping->id.daddr, mapping->id.family),
		.new_src = netlink_to_addr(&mapping->new_saddr, mapping->id.family),
		.new_src_port = ntohs(mapping->new_sport),
	};
	return 0;
}

int netlink_event_parse(const struct nlmsghdr *message, struct xfrm_event *ret_event)
{
	switch (message->nlmsg_type) {
	case XFRM_MSG_EXPIRE:
		return parse_expire(message, ret_event);
	case XFRM_MSG_ACQUIRE:
		return parse_acquire(message, ret_event);
	case XFRM_MSG_MAPPING:
		return parse_mapping(message, ret_event);
	}
	return -ENOMSG;
}
