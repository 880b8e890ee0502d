/* Azure's words for our suites. The importer reads the same words (provisioning/fleet).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/azure_words.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "config/suite.h"

enum kind { KIND_CIPHER, KIND_PRF, KIND_INTEG, KIND_GROUP, KIND_PFS };

/* clang-format off */
static const struct {
	enum kind kind;
	uint16_t id, key_bits;
	const char *word;
} rows[] = {
	{ KIND_CIPHER, ENCR_AES_GCM_16, 256, "GCMAES256" },
	{ KIND_CIPHER, ENCR_AES_GCM_16, 192, "GCMAES192" },
	{ KIND_CIPHER, ENCR_AES_GCM_16, 128, "GCMAES128" },
	{ KIND_CIPHER, ENCR_AES_CBC, 256, "AES256" },
	{ KIND_CIPHER, ENCR_AES_CBC, 192, "AES192" },
	{ KIND_CIPHER, ENCR_AES_CBC, 128, "AES128" },
	{ KIND_CIPHER, ENCR_3DES, 0, "DES3" },
	{ KIND_PRF, PRF_HMAC_SHA2_384, 0, "SHA384" },
	{ KIND_PRF, PRF_HMAC_SHA2_256, 0, "SHA256" },
	{ KIND_PRF, PRF_HMAC_SHA1, 0, "SHA1" },
	{ KIND_PRF, PRF_HMAC_MD5, 0, "MD5" },
	{ KIND_INTEG, INTEG_HMAC_SHA2_256_128, 0, "SHA256" },
	{ KIND_INTEG, INTEG_HMAC_SHA1_96, 0, "SHA1" },
	{ KIND_INTEG, INTEG_HMAC_MD5_96, 0, "MD5" },
	{ KIND_GROUP, KE_ECP_384, 0, "ECP384" },
	{ KIND_GROUP, KE_ECP_256, 0, "ECP256" },
	{ KIND_GROUP, KE_MODP_2048_256, 0, "DHGroup24" },
	{ KIND_GROUP, KE_MODP_2048, 0, "DHGroup14" },
	{ KIND_GROUP, KE_MODP_1024, 0, "DHGroup2" },
	{ KIND_GROUP, KE_MODP_768, 0, "DHGroup1" },
	{ KIND_PFS, KE_NONE, 0, "None" },
	{ KIND_PFS, KE_ECP_384, 0, "ECP384" },
	{ KIND_PFS, KE_ECP_256, 0, "ECP256" },
	{ KIND_PFS, KE_MODP_2048_256, 0, "PFS24" },
	{ KIND_PFS, KE_MODP_2048, 0, "PFS2048" },
	{ KIND_PFS, KE_MODP_1024, 0, "PFS2" },
	{ KIND_PFS, KE_MODP_768, 0, "PFS1" },
};
/* clang-format on */

/* NULL: Azure has no word for it. */
static const char *find(enum kind kind, uint16_t id, uint16_t key_bits)
{
	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].kind == kind && rows[i].id == id && rows[i].key_bits == key_bits)
			return rows[i].word;
	return NULL;
}

static const char *word(enum kind kind, uint16_t id, uint16_t key_bits)
{
	const char *found = find(kind, id, key_bits);

	return found ? found : "?";
}

const char *azure_words_ike(const struct ike_suite *suite, char buf[static AZURE_WORDS_BYTES])
{
	snprintf(buf, AZURE_WORDS_BYTES, "--ike-encryption %s --ike-integrity %s --dh-group %s",
		 word(KIND_CIPHER, suite->encr, suite->key_bits), word(KIND_PRF, suite->prf, 0),
		 word(KIND_GROUP, suite->ke, 0));
	return buf;
}

const char *azure_words_esp(const struct esp_suite *suite, char buf[static AZURE_WORDS_BYTES])
{
	const char *cipher = word(KIND_CIPHER, suite->encr, suite->key_bits);

	/* AES-GCM names itself as its integrity */
	snprintf(buf, AZURE_WORDS_BYTES,
		 "--ipsec-encryption %s --ipsec-integrity %s --pfs-group %s", cipher,
		 suite->integ == INTEG_NONE ? cipher : word(KIND_INTEG, suite->integ, 0),
		 word(KIND_PFS, suite->ke, 0));
	return buf;
}

const char *azure_words_group(uint16_t ke, char buf[static AZURE_WORDS_BYTES])
{
	const char *name = find(KIND_GROUP, ke, 0);

	if (name)
		snprintf(buf, AZURE_WORDS_BYTES, "group %u (%s)", ke, name);
	else
		snprintf(buf, AZURE_WORDS_BYTES, "group %u, which the box does not have", ke);
	return buf;
}
