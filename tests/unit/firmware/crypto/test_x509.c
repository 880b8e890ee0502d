/* Certificates through libstrongswan's x509 plugin with the provider's keys: a
 * chain that Mbed TLS's own certificate writer made is accepted, a forged link
 * is not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fixture.h"

#include <credentials/certificates/x509.h>
#include <mbedtls/x509_crt.h>

#include "crypto/drbg.h"

static const struct kind {
	const char *name;
	mbedtls_pk_type_t type;
	mbedtls_ecp_group_id curve; /* ECDSA */
	mbedtls_md_type_t md;
	key_type_t key_type;
	int n_bits;
} kinds[] = {
	{ "RSA-2048", MBEDTLS_PK_RSA, MBEDTLS_ECP_DP_NONE, MBEDTLS_MD_SHA256, KEY_RSA, 2048 },
	{ "P-256", MBEDTLS_PK_ECKEY, MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_MD_SHA256, KEY_ECDSA, 256 },
	{ "P-384", MBEDTLS_PK_ECKEY, MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_MD_SHA384, KEY_ECDSA, 384 },
	{ "P-521", MBEDTLS_PK_ECKEY, MBEDTLS_ECP_DP_SECP521R1, MBEDTLS_MD_SHA512, KEY_ECDSA, 521 },
};

static void make_key(const struct kind *kind, mbedtls_pk_context *ret_key)
{
	mbedtls_pk_init(ret_key);
	assert_int_equal(mbedtls_pk_setup(ret_key, mbedtls_pk_info_from_type(kind->type)), 0);
	if (kind->type == MBEDTLS_PK_RSA)
		assert_int_equal(mbedtls_rsa_gen_key(mbedtls_pk_rsa(*ret_key), drbg_random, NULL,
						     kind->n_bits, 65537),
				 0);
	else
		assert_int_equal(mbedtls_ecp_gen_key(kind->curve, mbedtls_pk_ec(*ret_key),
						     drbg_random, NULL),
				 0);
}

/* A certificate that says "CN=CA" issued it and is signed with `issuer_key`. */
static certificate_t *make_certificate(const struct kind *kind, const char *subject, bool is_ca,
				       mbedtls_pk_context *key, mbedtls_pk_context *issuer_key)
{
	mbedtls_x509write_cert crt;
	uint8_t der[4096], serial = 1;
	int len;

	mbedtls_x509write_crt_init(&crt);
	mbedtls_x509write_crt_set_subject_key(&crt, key);
	mbedtls_x509write_crt_set_issuer_key(&crt, issuer_key);
	mbedtls_x509write_crt_set_md_alg(&crt, kind->md);
	assert_int_equal(mbedtls_x509write_crt_set_subject_name(&crt, subject), 0);
	assert_int_equal(mbedtls_x509write_crt_set_issuer_name(&crt, "CN=CA"), 0);
	assert_int_equal(mbedtls_x509write_crt_set_serial_raw(&crt, &serial, 1), 0);
	assert_int_equal(
		mbedtls_x509write_crt_set_validity(&crt, "20200101000000", "20991231235959"), 0);
	assert_int_equal(mbedtls_x509write_crt_set_basic_constraints(&crt, is_ca, -1), 0);
	assert_int_equal(mbedtls_x509write_crt_set_subject_key_identifier(&crt), 0);
	len = mbedtls_x509write_crt_der(&crt, der, sizeof(der), drbg_random, NULL);
	assert_true(len > 0);
	mbedtls_x509write_crt_free(&crt);
	return lib->creds->create(lib->creds, CRED_CERTIFICATE, CERT_X509, BUILD_BLOB_ASN1_DER,
				  chunk_create(der + sizeof(der) - len, len), BUILD_END);
}

static private_key_t *load_private(mbedtls_pk_context *pk)
{
	uint8_t der[2048];
	int len = mbedtls_pk_write_key_der(pk, der, sizeof(der));

	assert_true(len > 0);
	return lib->creds->create(lib->creds, CRED_PRIVATE_KEY, KEY_ANY, BUILD_BLOB_ASN1_DER,
				  chunk_create(der + sizeof(der) - len, len), BUILD_END);
}

/* The public key in a certificate is the one of the private key in the file. */
static void assert_key_of_certificate(certificate_t *certificate, mbedtls_pk_context *pk,
				      const struct kind *kind)
{
	public_key_t *public = certificate->get_public_key(certificate);
	private_key_t *private = load_private(pk);

	assert_non_null(public);
	assert_non_null(private);
	assert_int_equal(public->get_type(public), kind->key_type);
	assert_int_equal(public->get_keysize(public), kind->n_bits);
	assert_true(private->belongs_to(private, public));
	public->destroy(public);
	private->destroy(private);
}

static void a_chain_is_accepted_and_a_forged_one_is_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(kinds); i++) {
		const struct kind *kind = &kinds[i];
		mbedtls_pk_context ca_key, other_key;
		certificate_t *ca, *good, *forged;

		make_key(kind, &ca_key);
		make_key(kind, &other_key);
		ca = make_certificate(kind, "CN=CA", true, &ca_key, &ca_key);
		good = make_certificate(kind, "CN=box", false, &other_key, &ca_key);
		forged = make_certificate(kind, "CN=box", false, &other_key, &other_key);
		assert_true(ca && good && forged);
		assert_true(ca->issued_by(ca, ca, NULL));
		assert_true(good->issued_by(good, ca, NULL));
		assert_false(forged->issued_by(forged, ca, NULL));
		assert_false(ca->issued_by(ca, good, NULL));
		assert_key_of_certificate(ca, &ca_key, kind);
		assert_key_of_certificate(good, &other_key, kind);
		ca->destroy(ca);
		good->destroy(good);
		forged->destroy(forged);
		mbedtls_pk_free(&ca_key);
		mbedtls_pk_free(&other_key);
	}
}

/* SHA-1 over the subjectPublicKey bits (RFC 5280 4.2.1.2), which Mbed TLS
 * computed by itself. */
static void the_key_identifier_is_the_certificates(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(kinds); i++) {
		mbedtls_pk_context pk;
		certificate_t *certificate;
		public_key_t *public;
		chunk_t fingerprint;

		make_key(&kinds[i], &pk);
		certificate = make_certificate(&kinds[i], "CN=CA", true, &pk, &pk);
		assert_non_null(certificate);
		public = certificate->get_public_key(certificate);
		assert_true(public->get_fingerprint(public, KEYID_PUBKEY_SHA1, &fingerprint));
		assert_true(chunk_equals(
			fingerprint,
			((x509_t *)certificate)->get_subjectKeyIdentifier((x509_t *)certificate)));
		public->destroy(public);
		certificate->destroy(certificate);
		mbedtls_pk_free(&pk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_is_accepted_and_a_forged_one_is_not),
		cmocka_unit_test(the_key_identifier_is_the_certificates),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
