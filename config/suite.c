/* Cipher suites: one table of transforms, from which text is parsed and printed.
 *
 * Names are those of strongSwan's proposals; what Azure's policies can name and we refuse has a row
 * with the reason. Verdicts on weak algorithms follow RFC 8221 and RFC 8247.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/suite.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/nearest.h"

/* In the order in which a text names them. */
enum slot {
	SLOT_ENCR,
	SLOT_INTEG,
	SLOT_PRF,
	SLOT_KE,
	SLOT_N,
};

enum use {
	USE_IKE = 1 << 0,
	USE_ESP = 1 << 1,
	USE_BOTH = USE_IKE | USE_ESP,
};

struct transform {
	const char *name;
	enum slot slot;
	unsigned int uses; /* set of enum use */
	uint16_t id;
	uint16_t key_bits;   /* SLOT_ENCR */
	uint16_t prf;	     /* SLOT_INTEG: the PRF that follows it */
	const char *refusal; /* why it is never run */
	const char *weakness;
};

#define WEAK_3DES "3DES has blocks of 64 bit, which collide on a busy link (RFC 8221: SHOULD NOT)"
#define WEAK_MD5 "HMAC-MD5 is obsolete (RFC 8221, RFC 8247: MUST NOT)"
#define WEAK_GROUP1 "group 1 (768 bit) can be broken at small cost (RFC 8247: MUST NOT)"
#define WEAK_GROUP2 "group 2 (1024 bit) may be within reach of a state (RFC 8247: SHOULD NOT)"
#define WEAK_GROUP24 "the seeds of group 24 were never published (RFC 8247: SHOULD NOT)"
#define REFUSED_DES "an algorithm that is not broken: DES has keys of 56 bit; take aes256gcm16"
#define REFUSED_NULL "an encryption: ESP without one is refused; take aes256gcm16"

/* clang-format off */
static const struct transform transforms[] = {
	/* name, slot, uses, id, key_bits, prf, refusal, weakness */
	{ "aes256gcm16", SLOT_ENCR, USE_BOTH, ENCR_AES_GCM_16, 256, 0, NULL, NULL },
	{ "aes192gcm16", SLOT_ENCR, USE_BOTH, ENCR_AES_GCM_16, 192, 0, NULL, NULL },
	{ "aes128gcm16", SLOT_ENCR, USE_BOTH, ENCR_AES_GCM_16, 128, 0, NULL, NULL },
	{ "aes256", SLOT_ENCR, USE_BOTH, ENCR_AES_CBC, 256, 0, NULL, NULL },
	{ "aes192", SLOT_ENCR, USE_BOTH, ENCR_AES_CBC, 192, 0, NULL, NULL },
	{ "aes128", SLOT_ENCR, USE_BOTH, ENCR_AES_CBC, 128, 0, NULL, NULL },
	{ "3des", SLOT_ENCR, USE_BOTH, ENCR_3DES, 0, 0, NULL, WEAK_3DES },
	{ "des", SLOT_ENCR, USE_BOTH, ENCR_NONE_SET, 0, 0, REFUSED_DES, NULL },
	{ "null", SLOT_ENCR, USE_BOTH, ENCR_NONE_SET, 0, 0, REFUSED_NULL, NULL },
	{ "none", SLOT_ENCR, USE_BOTH, ENCR_NONE_SET, 0, 0, REFUSED_NULL, NULL },

	{ "sha384", SLOT_INTEG, USE_IKE, INTEG_HMAC_SHA2_384_192, 0, PRF_HMAC_SHA2_384,
	  NULL, NULL },
	{ "sha256", SLOT_INTEG, USE_BOTH, INTEG_HMAC_SHA2_256_128, 0, PRF_HMAC_SHA2_256,
	  NULL, NULL },
	{ "sha1", SLOT_INTEG, USE_BOTH, INTEG_HMAC_SHA1_96, 0, PRF_HMAC_SHA1, NULL, NULL },
	{ "md5", SLOT_INTEG, USE_BOTH, INTEG_HMAC_MD5_96, 0, PRF_HMAC_MD5, NULL, WEAK_MD5 },

	{ "prfsha384", SLOT_PRF, USE_IKE, PRF_HMAC_SHA2_384, 0, 0, NULL, NULL },
	{ "prfsha256", SLOT_PRF, USE_IKE, PRF_HMAC_SHA2_256, 0, 0, NULL, NULL },
	{ "prfsha1", SLOT_PRF, USE_IKE, PRF_HMAC_SHA1, 0, 0, NULL, NULL },
	{ "prfmd5", SLOT_PRF, USE_IKE, PRF_HMAC_MD5, 0, 0, NULL, WEAK_MD5 },

	{ "ecp384", SLOT_KE, USE_BOTH, KE_ECP_384, 0, 0, NULL, NULL },
	{ "ecp256", SLOT_KE, USE_BOTH, KE_ECP_256, 0, 0, NULL, NULL },
	{ "modp2048", SLOT_KE, USE_BOTH, KE_MODP_2048, 0, 0, NULL, NULL },
	{ "modp2048s256", SLOT_KE, USE_BOTH, KE_MODP_2048_256, 0, 0, NULL, WEAK_GROUP24 },
	{ "modp1024", SLOT_KE, USE_BOTH, KE_MODP_1024, 0, 0, NULL, WEAK_GROUP2 },
	{ "modp768", SLOT_KE, USE_BOTH, KE_MODP_768, 0, 0, NULL, WEAK_GROUP1 },
};
/* clang-format on */

enum mode { MODE_ANY, MODE_GCM, MODE_CBC };

/* What a whole suite must have. */
static const struct rule {
	unsigned int uses;
	enum mode mode;
	enum slot slot;
	bool is_present;
	const char *wanted;
} rules[] = {
	{ USE_BOTH, MODE_ANY, SLOT_ENCR, true, "an encryption first, such as aes256gcm16" },
	{ USE_BOTH, MODE_GCM, SLOT_INTEG, false, "no integrity beside AES-GCM, which has its own" },
	{ USE_IKE, MODE_GCM, SLOT_PRF, true, "a PRF with AES-GCM, such as prfsha384" },
	{ USE_BOTH, MODE_CBC, SLOT_INTEG, true, "an integrity with this encryption: sha256" },
	{ USE_IKE, MODE_ANY, SLOT_KE, true, "a key exchange in IKE, such as ecp384" },
};

static const struct transform *find_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < countof(transforms); i++)
		if (strlen(transforms[i].name) == len && memcmp(transforms[i].name, name, len) == 0)
			return &transforms[i];
	return NULL;
}

static const struct transform *find_by_id(enum slot slot, uint16_t id, uint16_t key_bits)
{
	for (size_t i = 0; i < countof(transforms); i++)
		if (transforms[i].slot == slot && transforms[i].id == id && id != 0 &&
		    transforms[i].key_bits == key_bits)
			return &transforms[i];
	return NULL;
}

static void explain_unknown(const char *name, size_t len, enum use use,
			    char wanted[static MAX_SENTENCE_BYTES])
{
	char text[SUITE_TEXT_BYTES];
	struct nearest nearest = { 0 };

	snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : sizeof(text) - 1),
		 name);
	for (size_t i = 0; i < countof(transforms); i++)
		if ((transforms[i].uses & use) && !transforms[i].refusal)
			nearest_offer(&nearest, text, transforms[i].name);
	if (nearest.word)
		snprintf(wanted, MAX_SENTENCE_BYTES, "known algorithms: did you mean \"%s\"?",
			 nearest.word);
	else
		snprintf(wanted, MAX_SENTENCE_BYTES, "known algorithms, such as %s",
			 use == USE_IKE ? "aes256-sha384-ecp384" : "aes256gcm16-ecp384");
}

/* Looks up each part of the text. Returns 0 and the transforms by slot, or -EINVAL and why not. */
static int choose(const char *text, enum use use, const struct transform *chosen[static SLOT_N],
		  char wanted[static MAX_SENTENCE_BYTES])
{
	int last = -1;

	for (;;) {
		size_t len = strcspn(text, "-");
		const struct transform *found = find_by_name(text, len);

		if (!found || !(found->uses & use)) {
			explain_unknown(text, len, use, wanted);
			return -EINVAL;
		}
		if (found->refusal) {
			snprintf(wanted, MAX_SENTENCE_BYTES, "%s", found->refusal);
			return -EINVAL;
		}
		if ((int)found->slot <= last) {
			snprintf(wanted, MAX_SENTENCE_BYTES,
				 "encryption, integrity, PRF, key exchange, each once, in this "
				 "order");
			return -EINVAL;
		}
		chosen[found->slot] = found;
		last = (int)found->slot;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

static int parse(const char *text, enum use use, const struct transform *chosen[static SLOT_N],
		 char wanted[static MAX_SENTENCE_BYTES])
{
	enum mode mode;
	int r;

	r = choose(text, use, chosen, wanted);
	if (r < 0)
		return r;
	mode = chosen[SLOT_ENCR] && chosen[SLOT_ENCR]->id == ENCR_AES_GCM_16 ? MODE_GCM : MODE_CBC;
	for (size_t i = 0; i < countof(rules); i++) {
		const struct rule *rule = &rules[i];
		bool is_asked =
			(rule->uses & use) && (rule->mode == MODE_ANY || rule->mode == mode);

		if (is_asked && rule->is_present != (chosen[rule->slot] != NULL)) {
			snprintf(wanted, MAX_SENTENCE_BYTES, "%s", rule->wanted);
			return -EINVAL;
		}
	}
	return 0;
}

static uint16_t id_of(const struct transform *transform)
{
	return transform ? transform->id : 0;
}

int ike_suite_parse_explain(const char *text, struct ike_suite *ret_suite,
			    char ret_wanted[static MAX_SENTENCE_BYTES])
{
	const struct transform *chosen[SLOT_N] = { NULL };
	int r;

	r = parse(text, USE_IKE, chosen, ret_wanted);
	if (r < 0)
		return r;
	*ret_suite = (struct ike_suite){
		.encr = chosen[SLOT_ENCR]->id,
		.key_bits = chosen[SLOT_ENCR]->key_bits,
		.integ = id_of(chosen[SLOT_INTEG]),
		.prf = chosen[SLOT_PRF] ? chosen[SLOT_PRF]->id : chosen[SLOT_INTEG]->prf,
		.ke = chosen[SLOT_KE]->id,
	};
	return 0;
}

int esp_suite_parse_explain(const char *text, struct esp_suite *ret_suite,
			    char ret_wanted[static MAX_SENTENCE_BYTES])
{
	const struct transform *chosen[SLOT_N] = { NULL };
	int r;

	r = parse(text, USE_ESP, chosen, ret_wanted);
	if (r < 0)
		return r;
	*ret_suite = (struct esp_suite){
		.encr = chosen[SLOT_ENCR]->id,
		.key_bits = chosen[SLOT_ENCR]->key_bits,
		.integ = id_of(chosen[SLOT_INTEG]),
		.ke = id_of(chosen[SLOT_KE]),
	};
	return 0;
}

int ike_suite_parse(const char *text, struct ike_suite *ret_suite)
{
	char wanted[MAX_SENTENCE_BYTES];

	return ike_suite_parse_explain(text, ret_suite, wanted);
}

int esp_suite_parse(const char *text, struct esp_suite *ret_suite)
{
	char wanted[MAX_SENTENCE_BYTES];

	return esp_suite_parse_explain(text, ret_suite, wanted);
}

static const char *print(const struct transform *const chosen[static SLOT_N],
			 char buf[static SUITE_TEXT_BYTES])
{
	size_t used = 0;

	buf[0] = '\0';
	for (int slot = 0; slot < SLOT_N; slot++)
		if (chosen[slot])
			used += (size_t)snprintf(buf + used, SUITE_TEXT_BYTES - used, "%s%s",
						 used ? "-" : "", chosen[slot]->name);
	assert(used < SUITE_TEXT_BYTES);
	return buf;
}

/* The transforms of a suite by slot; NULL where it has none. */
static void look_up_ike(const struct ike_suite *suite,
			const struct transform *ret_chosen[static SLOT_N])
{
	ret_chosen[SLOT_ENCR] = find_by_id(SLOT_ENCR, suite->encr, suite->key_bits);
	ret_chosen[SLOT_INTEG] = find_by_id(SLOT_INTEG, suite->integ, 0);
	ret_chosen[SLOT_PRF] = find_by_id(SLOT_PRF, suite->prf, 0);
	ret_chosen[SLOT_KE] = find_by_id(SLOT_KE, suite->ke, 0);
}

static void look_up_esp(const struct esp_suite *suite,
			const struct transform *ret_chosen[static SLOT_N])
{
	ret_chosen[SLOT_ENCR] = find_by_id(SLOT_ENCR, suite->encr, suite->key_bits);
	ret_chosen[SLOT_INTEG] = find_by_id(SLOT_INTEG, suite->integ, 0);
	ret_chosen[SLOT_PRF] = NULL;
	ret_chosen[SLOT_KE] = find_by_id(SLOT_KE, suite->ke, 0);
}

const char *ike_suite_print(const struct ike_suite *suite, char buf[static SUITE_TEXT_BYTES])
{
	const struct transform *chosen[SLOT_N];

	look_up_ike(suite, chosen);
	if (chosen[SLOT_INTEG] && chosen[SLOT_INTEG]->prf == suite->prf)
		chosen[SLOT_PRF] = NULL; /* it follows */
	return print(chosen, buf);
}

const char *esp_suite_print(const struct esp_suite *suite, char buf[static SUITE_TEXT_BYTES])
{
	const struct transform *chosen[SLOT_N];

	look_up_esp(suite, chosen);
	return print(chosen, buf);
}

size_t encr_key_bytes(uint16_t encr, uint16_t key_bits)
{
	if (!find_by_id(SLOT_ENCR, encr, key_bits))
		return 0;
	switch ((enum encr)encr) {
	case ENCR_3DES:
		return 24;
	case ENCR_AES_CBC:
		return key_bits / 8;
	case ENCR_AES_GCM_16:
		return key_bits / 8 + 4; /* RFC 4106 section 8.1: the salt */
	case ENCR_NONE_SET:
		break;
	}
	return 0;
}

size_t integ_key_bytes(uint16_t integ)
{
	switch ((enum integ)integ) {
	case INTEG_HMAC_MD5_96:
		return 16;
	case INTEG_HMAC_SHA1_96:
		return 20;
	case INTEG_HMAC_SHA2_256_128:
		return 32;
	case INTEG_HMAC_SHA2_384_192:
		return 48;
	case INTEG_NONE:
		break;
	}
	return 0;
}

/* The group first: what it protects falls as a whole, and is recorded today. */
static const char *weakness(const struct transform *const chosen[static SLOT_N])
{
	static const enum slot order[] = { SLOT_KE, SLOT_ENCR, SLOT_INTEG, SLOT_PRF };

	for (size_t i = 0; i < countof(order); i++)
		if (chosen[order[i]] && chosen[order[i]]->weakness)
			return chosen[order[i]]->weakness;
	return NULL;
}

uint32_t esp_suite_inner_mtu(const struct esp_suite *suite, uint32_t outer_mtu)
{
	/* by what is encrypted: IV, block, and with AES-GCM the ICV of RFC 4106 */
	bool is_gcm = suite->encr == ENCR_AES_GCM_16;
	uint32_t iv = suite->encr == ENCR_AES_CBC ? 16 : 8, block = is_gcm ? 4 : iv, icv = 16;
	uint32_t fixed = 20 + 8 + 8 + iv + icv; /* IPv4, UDP, SPI and sequence number */

	if (outer_mtu < fixed + block)
		return 0;
	return (outer_mtu - fixed) / block * block - 2; /* padding length and next header */
}

const char *ike_suite_weakness(const struct ike_suite *suite)
{
	const struct transform *chosen[SLOT_N];

	look_up_ike(suite, chosen);
	return weakness(chosen);
}

const char *esp_suite_weakness(const struct esp_suite *suite)
{
	const struct transform *chosen[SLOT_N];

	look_up_esp(suite, chosen);
	return weakness(chosen);
}

/* clang-format off */
static const struct ike_suite ike_default[] = {
	{ ENCR_AES_CBC, 256, INTEG_HMAC_SHA1_96, PRF_HMAC_SHA1, KE_MODP_1024 },
	{ ENCR_AES_CBC, 256, INTEG_HMAC_SHA2_256_128, PRF_HMAC_SHA2_256, KE_MODP_1024 },
	{ ENCR_AES_CBC, 128, INTEG_HMAC_SHA1_96, PRF_HMAC_SHA1, KE_MODP_1024 },
	{ ENCR_AES_CBC, 128, INTEG_HMAC_SHA2_256_128, PRF_HMAC_SHA2_256, KE_MODP_1024 },
	{ ENCR_3DES, 0, INTEG_HMAC_SHA1_96, PRF_HMAC_SHA1, KE_MODP_1024 },
	{ ENCR_3DES, 0, INTEG_HMAC_SHA2_256_128, PRF_HMAC_SHA2_256, KE_MODP_1024 },
};

/* Strongest first, so that a responder of ours, or a peer that follows our order, takes that. */
static const struct esp_suite esp_default[] = {
	{ ENCR_AES_GCM_16, 256, INTEG_NONE, KE_NONE },
	{ ENCR_AES_CBC, 256, INTEG_HMAC_SHA2_256_128, KE_NONE },
	{ ENCR_AES_CBC, 256, INTEG_HMAC_SHA1_96, KE_NONE },
	{ ENCR_AES_CBC, 128, INTEG_HMAC_SHA2_256_128, KE_NONE },
	{ ENCR_AES_CBC, 128, INTEG_HMAC_SHA1_96, KE_NONE },
	{ ENCR_3DES, 0, INTEG_HMAC_SHA2_256_128, KE_NONE },
	{ ENCR_3DES, 0, INTEG_HMAC_SHA1_96, KE_NONE },
};
/* clang-format on */

const struct ike_suite *ike_suites_azure_default(size_t *ret_n)
{
	*ret_n = countof(ike_default);
	return ike_default;
}

const struct esp_suite *esp_suites_azure_default(size_t *ret_n)
{
	*ret_n = countof(esp_default);
	return esp_default;
}
