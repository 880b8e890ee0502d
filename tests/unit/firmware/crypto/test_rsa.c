/* RSA keys and signatures: what OpenSSL signed is verified, all schemes make a
 * round trip, keys load from each of their forms, and nothing else is taken.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fixture.h"

#include <asn1/asn1.h>
#include <asn1/oid.h>
#include <credentials/keys/signature_params.h>
#include <mbedtls/pk.h>
#include <threading/thread.h>

#include "crypto/drbg.h"

/* OpenSSL 3.0: subjectPublicKeyInfo of a 2,048-bit key, its signatures of
 * "sample" with PKCS#1 v1.5 and SHA-256, and with PSS, SHA-384 and 48 bytes of
 * salt. */
static const char openssl_spki[] =
	"30820122300d06092a864886f70d01010105000382010f003082010a028201010097ec4b825dd104fc06702c"
	"c564d454599fff7a72c34d4aea8d0cb122cb7f905aea8d636f2bfe9aadec637d5220eb883c69dcf287fda96c"
	"2c0f0bc80dc0f7cfe80a3114c978c6b5e170b3df115f8352c1bb98d066206d73b990e81092a78355fc540fb8"
	"c9debe21e4f57144c8b3d3b222991f8c0f0f9e671d90a47f5659b7d0c3d03b1d2937c639bbafa9535eaba18b"
	"c481f7eca66e14e67236bd462c6cf9505aece271f9895cbf643af9f453e0520d852babd565eefc4c1a1c653e"
	"2a18c58d1f365b2c31ea11e161b0b52ef77195b7893583dbdb94b10b9d487f914ca9298795a30ae3c468e84f"
	"2c7a5f827723d68f1cb9fc38da6cb6c815387f2d4aca43e20d0203010001";
static const char openssl_pkcs1_sha256[] =
	"77cf91b483eb3864b50046894d85133ba566a253b6513c3e6f9258f42e181875aa0f460e0180f9c0e5ab249e"
	"28c1c7e9f6d7c1786f6d35a127c7a725c59bd521ca0e2ddc71e9165360fad5b4be09d5f8f02de1179f73e47d"
	"1b966459e1008531c4e94df1ac649e2c3c8b7d0fc19cf313ee380adb6fb63fb51d30130909582f6dd35cb3f8"
	"d39b3ee8fca2ffa6f866426b19d62702eedde6b903156cad976ec82bdc14894790872de0c000a88e3ed21e15"
	"97fba1f73ff161a1f357b9bebe653b5fc9798ae2815cd49233c641ea4cb4c252f50a78a0df90057230c84d11"
	"6281dbc6b3dd660f2cd797f6f4f8e11b0e84bb3a4abb7aa7bbecb92e1c945b0e8ea16091";
static const char openssl_pss_sha384[] =
	"64000fa372e7dc05f9ac86af76bcd8ae1d7bf946108ca6d096a603552db23e65e8548eae0d47acb020bb772c"
	"b81b7378efc75e14b9c7d91b80614b8cdcd67c3ce8528d74a0238d24c243c2ec1e387b2c0d9126eb2ce80863"
	"f448db8e379a2caaba1070bd5fa100fe2b35e6f661ba13a81c04c09d7f4503d0fa7dbb46a690a73fbc8dfa75"
	"ebde047093779460767be56cad7c3eecc29c5a4a99273ae52eb4728a7d32d9f653fff76b46e938dfb1b7840f"
	"7df9cbf4f98702821a758cdbc11e5a2c9550941a63d0e5b5ad77b4e3a4ce8d032646c12a0c8c441d64db3bc3"
	"28394aefdb2430dd577f9dcb5524c574ee9b6115a24c6c336ef12a5043d8fe093043d31a";

static rsa_pss_params_t pss_sha256 = { HASH_SHA256, HASH_SHA256, RSA_PSS_SALT_LEN_DEFAULT, {} };
static rsa_pss_params_t pss_sha384 = { HASH_SHA384, HASH_SHA384, HASH_SIZE_SHA384, {} };
static rsa_pss_params_t pss_sha384_no_salt = { HASH_SHA384, HASH_SHA384, 0, {} };
static rsa_pss_params_t pss_sha512_max = { HASH_SHA512, HASH_SHA512, RSA_PSS_SALT_LEN_MAX, {} };

static signature_params_t schemes[] = {
	{ SIGN_RSA_EMSA_PKCS1_SHA1, NULL },	    { SIGN_RSA_EMSA_PKCS1_SHA2_256, NULL },
	{ SIGN_RSA_EMSA_PKCS1_SHA2_384, NULL },	    { SIGN_RSA_EMSA_PKCS1_SHA2_512, NULL },
	{ SIGN_RSA_EMSA_PSS, &pss_sha256 },	    { SIGN_RSA_EMSA_PSS, &pss_sha384 },
	{ SIGN_RSA_EMSA_PSS, &pss_sha384_no_salt }, { SIGN_RSA_EMSA_PSS, &pss_sha512_max },
};

static chunk_t sample(void)
{
	return chunk_from_str("sample");
}

/* A key made for this run, PKCS#1 in DER; the group's state. */
static int make_key(void **state)
{
	mbedtls_pk_context pk;
	uint8_t buffer[2048];
	chunk_t *der = malloc(sizeof(*der));
	int len;

	assert_int_equal(fixture_setup(state), 0);
	mbedtls_pk_init(&pk);
	assert_int_equal(mbedtls_pk_setup(&pk, mbedtls_pk_info_from_type(MBEDTLS_PK_RSA)), 0);
	assert_int_equal(mbedtls_rsa_gen_key(mbedtls_pk_rsa(pk), drbg_random, NULL, 2048, 65537),
			 0);
	len = mbedtls_pk_write_key_der(&pk, buffer, sizeof(buffer));
	assert_true(len > 0);
	*der = chunk_clone(chunk_create(buffer + sizeof(buffer) - len, len));
	mbedtls_pk_free(&pk);
	*state = der;
	return 0;
}

static int drop_key(void **state)
{
	chunk_t *der = *state;

	chunk_free(der);
	free(der);
	return fixture_teardown(state);
}

static private_key_t *load(chunk_t der)
{
	return lib->creds->create(lib->creds, CRED_PRIVATE_KEY, KEY_RSA, BUILD_BLOB_ASN1_DER, der,
				  BUILD_END);
}

static void what_openssl_signed_is_verified(void **state)
{
	chunk_t spki = chunk_from_hex(chunk_from_str((char *)openssl_spki), NULL);
	chunk_t pkcs1 = chunk_from_hex(chunk_from_str((char *)openssl_pkcs1_sha256), NULL);
	chunk_t pss = chunk_from_hex(chunk_from_str((char *)openssl_pss_sha384), NULL);
	public_key_t *key = lib->creds->create(lib->creds, CRED_PUBLIC_KEY, KEY_ANY,
					       BUILD_BLOB_ASN1_DER, spki, BUILD_END);

	(void)state;
	assert_non_null(key);
	assert_int_equal(key->get_type(key), KEY_RSA);
	assert_int_equal(key->get_keysize(key), 2048);
	assert_true(key->verify(key, SIGN_RSA_EMSA_PKCS1_SHA2_256, NULL, sample(), pkcs1));
	assert_true(key->verify(key, SIGN_RSA_EMSA_PSS, &pss_sha384, sample(), pss));
	assert_false(key->verify(key, SIGN_RSA_EMSA_PKCS1_SHA2_384, NULL, sample(), pkcs1));
	assert_false(key->verify(key, SIGN_RSA_EMSA_PSS, &pss_sha384, sample(), pkcs1));
	assert_false(key->verify(key, SIGN_RSA_EMSA_PSS, &pss_sha384_no_salt, sample(), pss));
	assert_false(key->verify(key, SIGN_RSA_EMSA_PSS, &pss_sha256, sample(), pss));
	key->destroy(key);
	chunk_free(&spki);
	chunk_free(&pkcs1);
	chunk_free(&pss);
}

/* `s` is good for `sample()`; what is near to it is not. */
static void assert_only_this_verifies(public_key_t *key, signature_params_t *scheme, chunk_t s)
{
	uint8_t longer[257];

	assert_true(key->verify(key, scheme->scheme, scheme->params, sample(), s));
	assert_false(key->verify(key, scheme->scheme, scheme->params, chunk_from_str("simple"), s));
	s.ptr[100] ^= 1;
	assert_false(key->verify(key, scheme->scheme, scheme->params, sample(), s));
	s.ptr[100] ^= 1;
	assert_false(key->verify(key, scheme->scheme, scheme->params, sample(),
				 chunk_create(s.ptr, s.len - 1)));
	memcpy(longer, s.ptr, s.len);
	longer[s.len] = 0;
	assert_false(key->verify(key, scheme->scheme, scheme->params, sample(),
				 chunk_create(longer, s.len + 1)));
	assert_false(key->verify(key, scheme->scheme, scheme->params, sample(), chunk_empty));
}

static void each_scheme_makes_a_round_trip(void **state)
{
	private_key_t *private = load(*(chunk_t *)*state);
	public_key_t *public;

	assert_non_null(private);
	public = private->get_public_key(private);
	assert_non_null(public);
	for (size_t i = 0; i < countof(schemes); i++) {
		chunk_t signature;

		assert_true(private->sign(private, schemes[i].scheme, schemes[i].params, sample(),
					  &signature));
		assert_int_equal(signature.len, 256);
		assert_only_this_verifies(public, &schemes[i], signature);
		chunk_free(&signature);
	}
	public->destroy(public);
	private->destroy(private);
}

static void schemes_not_offered_are_refused(void **state)
{
	rsa_pss_params_t pss_md5 = { HASH_MD5, HASH_MD5, 16, {} };
	rsa_pss_params_t pss_two_hashes = { HASH_SHA256, HASH_SHA1, 32, {} };
	rsa_pss_params_t pss_long_salt = { HASH_SHA256, HASH_SHA256, 223, {} };
	signature_params_t refused[] = {
		{ SIGN_RSA_EMSA_PKCS1_MD5, NULL },     { SIGN_RSA_EMSA_PKCS1_NULL, NULL },
		{ SIGN_ECDSA_WITH_SHA256_DER, NULL },  { SIGN_RSA_EMSA_PSS, NULL },
		{ SIGN_RSA_EMSA_PSS, &pss_md5 },       { SIGN_RSA_EMSA_PSS, &pss_two_hashes },
		{ SIGN_RSA_EMSA_PSS, &pss_long_salt },
	};
	private_key_t *private = load(*(chunk_t *)*state);
	public_key_t *public = private->get_public_key(private);
	uint8_t zeros[256] = {};
	chunk_t signature;

	for (size_t i = 0; i < countof(refused); i++) {
		assert_false(private->sign(private, refused[i].scheme, refused[i].params, sample(),
					   &signature));
		assert_false(public->verify(public, refused[i].scheme, refused[i].params, sample(),
					    chunk_from_thing(zeros)));
	}
	assert_false(private->decrypt(private, ENCRYPT_RSA_PKCS1, NULL, sample(), &signature));
	assert_false(public->encrypt(public, ENCRYPT_RSA_PKCS1, NULL, sample(), &signature));
	assert_false(private->get_encoding(private, PRIVKEY_ASN1_DER, &signature));
	public->destroy(public);
	private->destroy(private);
}

static void a_key_is_the_same_from_pkcs1_pkcs8_and_pem(void **state)
{
	chunk_t der = *(chunk_t *)*state, base64 = chunk_to_base64(der, NULL), pem;
	chunk_t pkcs8 = asn1_wrap(ASN1_SEQUENCE, "cms", ASN1_INTEGER_0,
				  asn1_algorithmIdentifier(OID_RSA_ENCRYPTION),
				  asn1_wrap(ASN1_OCTET_STRING, "c", der));
	private_key_t *keys[3];
	public_key_t *public;
	chunk_t fingerprint;

	pem = chunk_cat("ccc", chunk_from_str("-----BEGIN RSA PRIVATE KEY-----\n"), base64,
			chunk_from_str("\n-----END RSA PRIVATE KEY-----\n"));
	keys[0] = load(der);
	keys[1] = lib->creds->create(lib->creds, CRED_PRIVATE_KEY, KEY_ANY, BUILD_BLOB_ASN1_DER,
				     pkcs8, BUILD_END);
	keys[2] = lib->creds->create(lib->creds, CRED_PRIVATE_KEY, KEY_ANY, BUILD_BLOB_PEM, pem,
				     BUILD_END);
	assert_non_null(keys[0]);
	public = keys[0]->get_public_key(keys[0]);
	assert_true(keys[0]->get_fingerprint(keys[0], KEYID_PUBKEY_SHA1, &fingerprint));
	for (size_t i = 0; i < countof(keys); i++) {
		assert_non_null(keys[i]);
		assert_int_equal(keys[i]->get_type(keys[i]), KEY_RSA);
		assert_int_equal(keys[i]->get_keysize(keys[i]), 2048);
		assert_true(keys[i]->equals(keys[i], keys[0]));
		assert_true(keys[i]->belongs_to(keys[i], public));
		assert_true(keys[i]->has_fingerprint(keys[i], fingerprint));
	}
	for (size_t i = 0; i < countof(keys); i++)
		keys[i]->destroy(keys[i]);
	public->destroy(public);
	chunk_free(&base64);
	chunk_free(&pem);
	chunk_free(&pkcs8);
}

/* The last byte of the private exponent, of the modulus, of the first prime. */
static void a_key_whose_parts_do_not_fit_is_refused(void **state)
{
	chunk_t der = chunk_clone(*(chunk_t *)*state), sequence, part, parts[6], rest = der;
	static const size_t changed[] = { 1, 3, 4 };

	assert_int_equal(asn1_unwrap(&rest, &sequence), ASN1_SEQUENCE);
	for (size_t i = 0; i < countof(parts); i++) {
		assert_int_equal(asn1_unwrap(&sequence, &part), ASN1_INTEGER);
		parts[i] = part;
	}
	for (size_t i = 0; i < countof(changed); i++) {
		part = parts[changed[i]];
		part.ptr[part.len - 1] ^= 2;
		assert_null(load(der));
		part.ptr[part.len - 1] ^= 2;
	}
	chunk_free(&der);
}

static void *sign_often(void *key)
{
	private_key_t *private = key;
	public_key_t *public = private->get_public_key(private);
	uintptr_t n_bad = 0;

	for (size_t i = 0; i < 3 * countof(schemes); i++) {
		signature_params_t *scheme = &schemes[i % countof(schemes)];
		chunk_t signature;

		if (!private->sign(private, scheme->scheme, scheme->params, sample(), &signature)) {
			n_bad++;
			continue;
		}
		if (!public->verify(public, scheme->scheme, scheme->params, sample(), signature))
			n_bad++;
		chunk_free(&signature);
	}
	public->destroy(public);
	return (void *)n_bad;
}

static void threads_may_share_a_key(void **state)
{
	private_key_t *key = load(*(chunk_t *)*state);
	thread_t *threads[4];

	for (size_t i = 0; i < countof(threads); i++)
		threads[i] = thread_create(sign_often, key);
	for (size_t i = 0; i < countof(threads); i++)
		assert_null(threads[i]->join(threads[i]));
	key->destroy(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_openssl_signed_is_verified),
		cmocka_unit_test(each_scheme_makes_a_round_trip),
		cmocka_unit_test(schemes_not_offered_are_refused),
		cmocka_unit_test(a_key_is_the_same_from_pkcs1_pkcs8_and_pem),
		cmocka_unit_test(a_key_whose_parts_do_not_fit_is_refused),
		cmocka_unit_test(threads_may_share_a_key),
	};

	return cmocka_run_group_tests(tests, make_key, drop_key);
}
