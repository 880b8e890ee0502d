/* A connection's IPsec policy: Azure's words for algorithms, and our suites.
 *
 * Azure's rules: all eight values of a policy are given, and a connection has one policy. AES-GCM
 * in ESP names itself as its integrity. With AES-GCM in IKE the integrity names the hash of the
 * PRF.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/azure_policy.h"

#include <inttypes.h>
#include <strings.h>

#include "base/cleanup.h"
#include "provisioning/fleet/azure_command.h"

/* Azure's defaults for a route-based gateway */
#define DEFAULT_CHILD_LIFE_S 27000
#define DEFAULT_CHILD_LIFE_KILOBYTES 102400000

#define NO_DES "DES is broken; use AES256 or GCMAES256"

/* A word's value: algorithm and bits in one number. */
#define CIPHER(encr, bits) ((encr) << 16 | (bits))
#define ENCR_OF(cipher) ((uint16_t)((cipher) >> 16))
#define BITS_OF(cipher) ((uint16_t)((cipher)&0xffff))

#define PFS_AS_IKE (-1)

static const struct azure_word ike_encryptions[] = {
	{ "GCMAES256", CIPHER(ENCR_AES_GCM_16, 256), NULL },
	{ "GCMAES128", CIPHER(ENCR_AES_GCM_16, 128), NULL },
	{ "AES256", CIPHER(ENCR_AES_CBC, 256), NULL },
	{ "AES192", CIPHER(ENCR_AES_CBC, 192), NULL },
	{ "AES128", CIPHER(ENCR_AES_CBC, 128), NULL },
	{ "DES3", CIPHER(ENCR_3DES, 0), NULL },
	{ "DES", 0, NO_DES },
	{ NULL, 0, NULL },
};

/* A hash as its PRF; AES-GCM as a cipher. */
static const struct azure_word ike_integrities[] = {
	{ "SHA384", PRF_HMAC_SHA2_384, NULL },
	{ "SHA256", PRF_HMAC_SHA2_256, NULL },
	{ "SHA1", PRF_HMAC_SHA1, NULL },
	{ "MD5", PRF_HMAC_MD5, NULL },
	{ "GCMAES256", CIPHER(ENCR_AES_GCM_16, 256), NULL },
	{ "GCMAES128", CIPHER(ENCR_AES_GCM_16, 128), NULL },
	{ NULL, 0, NULL },
};

static const struct azure_word dh_groups[] = {
	{ "ECP384", KE_ECP_384, NULL },
	{ "ECP256", KE_ECP_256, NULL },
	{ "DHGroup24", KE_MODP_2048_256, NULL },
	{ "DHGroup14", KE_MODP_2048, NULL },
	{ "DHGroup2048", KE_MODP_2048, NULL },
	{ "DHGroup2", KE_MODP_1024, NULL },
	{ "DHGroup1", KE_MODP_768, NULL },
	{ "None", 0, "IKE cannot do without a key exchange; use ECP384" },
	{ NULL, 0, NULL },
};

static const struct azure_word ipsec_encryptions[] = {
	{ "GCMAES256", CIPHER(ENCR_AES_GCM_16, 256), NULL },
	{ "GCMAES192", CIPHER(ENCR_AES_GCM_16, 192), NULL },
	{ "GCMAES128", CIPHER(ENCR_AES_GCM_16, 128), NULL },
	{ "AES256", CIPHER(ENCR_AES_CBC, 256), NULL },
	{ "AES192", CIPHER(ENCR_AES_CBC, 192), NULL },
	{ "AES128", CIPHER(ENCR_AES_CBC, 128), NULL },
	{ "DES3", CIPHER(ENCR_3DES, 0), NULL },
	{ "DES", 0, NO_DES },
	{ "None", 0, "ESP without encryption sends the office's traffic in clear; use GCMAES256" },
	{ NULL, 0, NULL },
};

/* A hash as its integrity algorithm; AES-GCM as a cipher. */
static const struct azure_word ipsec_integrities[] = {
	{ "GCMAES256", CIPHER(ENCR_AES_GCM_16, 256), NULL },
	{ "GCMAES192", CIPHER(ENCR_AES_GCM_16, 192), NULL },
	{ "GCMAES128", CIPHER(ENCR_AES_GCM_16, 128), NULL },
	{ "SHA256", INTEG_HMAC_SHA2_256_128, NULL },
	{ "SHA1", INTEG_HMAC_SHA1_96, NULL },
	{ "MD5", INTEG_HMAC_MD5_96, NULL },
	{ NULL, 0, NULL },
};

static const struct azure_word pfs_groups[] = {
	{ "ECP384", KE_ECP_384, NULL },
	{ "ECP256", KE_ECP_256, NULL },
	{ "PFS24", KE_MODP_2048_256, NULL },
	{ "PFS2048", KE_MODP_2048, NULL },
	{ "PFS14", KE_MODP_2048, NULL },
	{ "PFS2", KE_MODP_1024, NULL },
	{ "PFS1", KE_MODP_768, NULL },
	{ "PFSMM", PFS_AS_IKE, NULL }, /* as in main mode: the group of the IKE SA */
	{ "None", KE_NONE, NULL },
	{ NULL, 0, NULL },
};

struct policy_values {
	struct azure_value ike_encryption, ike_integrity, dh_group;
	struct azure_value ipsec_encryption, ipsec_integrity, pfs_group;
	struct azure_value life_s, life_kilobytes;
};

#define FIELD(member) offsetof(struct policy_values, member)
static const struct azure_field policy_fields[] = {
	{ "ikeEncryption", AZURE_WORD, FIELD(ike_encryption), ike_encryptions, NULL },
	{ "ikeIntegrity", AZURE_WORD, FIELD(ike_integrity), ike_integrities, NULL },
	{ "dhGroup", AZURE_WORD, FIELD(dh_group), dh_groups, NULL },
	{ "ipsecEncryption", AZURE_WORD, FIELD(ipsec_encryption), ipsec_encryptions, NULL },
	{ "ipsecIntegrity", AZURE_WORD, FIELD(ipsec_integrity), ipsec_integrities, NULL },
	{ "pfsGroup", AZURE_WORD, FIELD(pfs_group), pfs_groups, NULL },
	{ "saLifeTimeSeconds", AZURE_NUMBER, FIELD(life_s), NULL, NULL },
	{ "saDataSizeKilobytes", AZURE_NUMBER, FIELD(life_kilobytes), NULL, NULL },
};
#undef FIELD
static const struct azure_table policy_table = { policy_fields, countof(policy_fields) };

/* IKE's integrity algorithm goes with its PRF. */
static uint16_t integ_of_prf(int64_t prf)
{
	static const uint16_t integ[] = {
		[PRF_HMAC_MD5] = INTEG_HMAC_MD5_96,
		[PRF_HMAC_SHA1] = INTEG_HMAC_SHA1_96,
		[PRF_HMAC_SHA2_256] = INTEG_HMAC_SHA2_256_128,
		[PRF_HMAC_SHA2_384] = INTEG_HMAC_SHA2_384_192,
	};

	return integ[prf];
}

static bool is_gcm(const struct azure_value *value)
{
	return ENCR_OF(value->number) == ENCR_AES_GCM_16;
}

static void translate_ike(const struct policy_values *values, struct findings *findings,
			  struct azure_policy *policy)
{
	struct ike_suite suite = {
		.encr = ENCR_OF(values->ike_encryption.number),
		.key_bits = BITS_OF(values->ike_encryption.number),
		.ke = (uint16_t)values->dh_group.number,
	};

	policy->n_ike_suites = 1;
	if (!is_gcm(&values->ike_integrity)) {
		suite.prf = (uint16_t)values->ike_integrity.number;
		if (!is_gcm(&values->ike_encryption))
			suite.integ = integ_of_prf(values->ike_integrity.number);
		policy->ike_suites[0] = suite;
		return;
	}
	if (values->ike_integrity.number != values->ike_encryption.number) {
		azure_error(findings, &values->ike_integrity.node, NULL,
			    "ikeIntegrity is AES-GCM, which does not go with this ikeEncryption; "
			    "use SHA384");
		return;
	}
	/* either PRF is known to occur with it: offer both, the stronger first */
	policy->n_ike_suites = 2;
	suite.prf = PRF_HMAC_SHA2_384;
	policy->ike_suites[0] = suite;
	suite.prf = PRF_HMAC_SHA2_256;
	policy->ike_suites[1] = suite;
}

static void translate_esp(const struct policy_values *values, struct findings *findings,
			  struct azure_policy *policy)
{
	int64_t group = values->pfs_group.number;
	bool has_gcm = is_gcm(&values->ipsec_encryption);

	policy->esp_suite = (struct esp_suite){
		.encr = ENCR_OF(values->ipsec_encryption.number),
		.key_bits = BITS_OF(values->ipsec_encryption.number),
		.integ = has_gcm ? INTEG_NONE : (uint16_t)values->ipsec_integrity.number,
		.ke = (uint16_t)(group == PFS_AS_IKE ? values->dh_group.number : group),
	};
	if ((has_gcm || is_gcm(&values->ipsec_integrity)) &&
	    values->ipsec_encryption.number != values->ipsec_integrity.number)
		azure_error(findings, &values->ipsec_integrity.node, NULL,
			    "when one of ipsecEncryption and ipsecIntegrity is AES-GCM, both must "
			    "be the same; Azure takes nothing else");
}

static void translate_lives(const struct policy_values *values, struct findings *findings,
			    struct azure_policy *policy)
{
	int64_t life_s = values->life_s.number, kilobytes = values->life_kilobytes.number;

	if (life_s < 300 || life_s > 172799)
		azure_error(findings, &values->life_s.node, NULL,
			    "saLifeTimeSeconds is %" PRId64 "; 300 to 172799 are possible", life_s);
	/* 0 occurs in what Azure prints: no limit by volume */
	if (kilobytes != 0 && (kilobytes < 1024 || kilobytes > INT32_MAX))
		azure_error(findings, &values->life_kilobytes.node, NULL,
			    "saDataSizeKilobytes is %" PRId64 "; 1024 to %d are possible",
			    kilobytes, INT32_MAX);
	policy->child_life_s = (uint32_t)life_s;
	policy->child_life_kilobytes = (uint64_t)kilobytes;
}

/* A value that is not known here might be one that matters. */
static void refuse_strangers(const struct azure_node *node, struct findings *findings)
{
	const char *key;
	json_t *value;

	json_object_foreach (node->json, key, value) {
		struct azure_node member = azure_child(node, key, value);
		size_t i = 0;

		while (i < countof(policy_fields) && strcasecmp(key, policy_fields[i].name) != 0)
			i++;
		if (i == countof(policy_fields) && !json_is_null(value))
			azure_error(findings, &member, NULL,
				    "this is none of the eight values of a policy that are known; "
				    "leave it out");
	}
}

/* Reads all eight values; false when one is missing or wrong. */
static bool read_values(const struct azure_node *node, struct findings *findings,
			struct policy_values *ret_values)
{
	struct policy_values values;
	bool is_whole = true;

	azure_read(&policy_table, node, findings, &values);
	refuse_strangers(node, findings);
	for (size_t i = 0; i < countof(policy_fields); i++) {
		const struct azure_value *value =
			(const void *)((const char *)&values + policy_fields[i].offset);

		if (azure_is_missing(value))
			azure_error(findings, node, NULL,
				    "%s is missing; Azure's policies have all eight values",
				    policy_fields[i].name);
		is_whole = is_whole && azure_is_set(value);
	}
	*ret_values = values;
	return is_whole;
}

static void note_weakness(const struct azure_policy *policy, const struct azure_node *node,
			  const char *connection_id, struct findings *findings)
{
	_cleanup_free_ char *command = azure_policy_command(connection_id, policy->is_custom);
	size_t n;
	const char *ike = ike_suite_weakness(policy->is_custom ? &policy->ike_suites[0]
							       : ike_suites_azure_default(&n));
	const struct esp_suite *esp_suite =
		policy->is_custom ? &policy->esp_suite : esp_suites_azure_default(&n);
	const char *esp = policy->is_custom ? esp_suite_weakness(esp_suite) : NULL;
	const char *whose = policy->is_custom ? "the policy" : "Azure's default policy";

	if (ike)
		azure_note(findings, node, command,
			   "%s is weak in IKE: %s; strengthen it and import again, with", whose,
			   ike);
	if (esp)
		azure_note(findings, node, command,
			   "%s is weak in ESP: %s; strengthen it and import again, with", whose,
			   esp);
	if (esp_suite->ke == KE_NONE)
		azure_note(findings, node, command,
			   "%s has no PFS: who learns the secret of an IKE SA can read all that "
			   "its child SAs carried; strengthen it and import again, with",
			   whose);
}

void azure_policy_read(const struct azure_value *policies, const char *connection_id,
		       struct findings *findings, struct azure_policy *ret_policy)
{
	struct azure_policy policy = {
		.child_life_s = DEFAULT_CHILD_LIFE_S,
		.child_life_kilobytes = DEFAULT_CHILD_LIFE_KILOBYTES,
	};
	size_t n = json_array_size(policies->node.json), n_errors = findings->n_errors;
	struct azure_node node = policies->node;
	struct policy_values values;

	if (policies->is_bad)
		return;
	if (n > 1) {
		azure_error(findings, &node, NULL,
			    "ipsecPolicies has %zu entries; a connection has one policy", n);
		return;
	}
	policy.is_custom = n == 1;
	if (policy.is_custom) {
		node = azure_element(&policies->node, 0);
		if (!read_values(&node, findings, &values))
			return;
		translate_ike(&values, findings, &policy);
		translate_esp(&values, findings, &policy);
		translate_lives(&values, findings, &policy);
	}
	if (findings->n_errors > n_errors)
		return;
	note_weakness(&policy, &node, connection_id, findings);
	*ret_policy = policy;
}
