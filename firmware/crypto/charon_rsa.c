/* What the public and the private half of an RSA key share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/charon_rsa.h"

static mbedtls_md_type_t signature_md(hash_algorithm_t hash)
{
	return hash == HASH_MD5 ? MBEDTLS_MD_NONE : charon_md_type(hash);
}

static bool parse_pss(rsa_pss_params_t pss, size_t bits, struct charon_rsa_scheme *ret_scheme)
{
	if (!rsa_pss_params_set_salt_len(&pss, bits))
		return FALSE;
	ret_scheme->is_pss = TRUE;
	ret_scheme->mgf1_md = signature_md(pss.mgf1_hash);
	ret_scheme->salt_len = (int)pss.salt_len;
	return ret_scheme->mgf1_md != MBEDTLS_MD_NONE;
}

bool charon_rsa_scheme_parse(signature_scheme_t scheme, void *params, size_t bits,
			     struct charon_rsa_scheme *ret_scheme)
{
	struct charon_rsa_scheme parsed = {
		.md = signature_md(hasher_from_signature_scheme(scheme, params)),
	};

	if (key_type_from_signature_scheme(scheme) != KEY_RSA || parsed.md == MBEDTLS_MD_NONE)
		return FALSE;
	if (scheme == SIGN_RSA_EMSA_PSS && !parse_pss(*(rsa_pss_params_t *)params, bits, &parsed))
		return FALSE;
	*ret_scheme = parsed;
	return TRUE;
}

static bool mpi_to_chunk(const mbedtls_mpi *number, chunk_t *ret_bytes)
{
	*ret_bytes = chunk_alloc(mbedtls_mpi_size(number));
	return mbedtls_mpi_write_binary(number, ret_bytes->ptr, ret_bytes->len) == 0;
}

bool charon_rsa_public_parts(const mbedtls_rsa_context *rsa, chunk_t *ret_n, chunk_t *ret_e)
{
	chunk_t n_bytes = chunk_empty, e_bytes = chunk_empty;
	mbedtls_mpi n, e;
	bool is_good;

	mbedtls_mpi_init(&n);
	mbedtls_mpi_init(&e);
	is_good = mbedtls_rsa_export(rsa, &n, NULL, NULL, NULL, &e) == 0 &&
		  mpi_to_chunk(&n, &n_bytes) && mpi_to_chunk(&e, &e_bytes);
	mbedtls_mpi_free(&n);
	mbedtls_mpi_free(&e);
	if (!is_good) {
		chunk_free(&n_bytes);
		chunk_free(&e_bytes);
		return FALSE;
	}
	*ret_n = n_bytes;
	*ret_e = e_bytes;
	return TRUE;
}

bool charon_rsa_encode(const mbedtls_rsa_context *rsa, cred_encoding_type_t type, void *cache,
		       chunk_t *ret_encoding)
{
	chunk_t n, e;
	bool is_good;

	if (!charon_rsa_public_parts(rsa, &n, &e))
		return FALSE;
	is_good = lib->encoding->encode(lib->encoding, type, cache, ret_encoding,
					CRED_PART_RSA_MODULUS, n, CRED_PART_RSA_PUB_EXP, e,
					CRED_PART_END);
	chunk_free(&n);
	chunk_free(&e);
	return is_good;
}
