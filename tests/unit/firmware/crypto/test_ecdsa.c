/* ECDSA keys and signatures: deterministic signatures are those of RFC 6979,
 * keys load from each of their forms, and no bad key and no bad signature is
 * taken.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fixture.h"

#include <asn1/asn1.h>
#include <asn1/oid.h>

/* RFC 6979 A.2.5 to A.2.7: key x and signature r | s of "sample" with the
 * curve's usual hash. */
static const struct vector {
	const char *oid; /* the curve's, DER */
	signature_scheme_t raw_scheme;
	signature_scheme_t der_scheme;
	int n_bits;
	const char *x;
	const char *signature;
} vectors[] = {
	{ "06082a8648ce3d030107", SIGN_ECDSA_256, SIGN_ECDSA_WITH_SHA256_DER, 256,
	  "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
	  "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
	  "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
	{ "06052b81040022", SIGN_ECDSA_384, SIGN_ECDSA_WITH_SHA384_DER, 384,
	  "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
	  "96d5724e4c70a825f872c9ea60d2edf5",
	  "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
	  "81a648152e44acf96e36dd1e80fabe46"
	  "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
	  "a329c145786e679e7b82c71a38628ac8" },
	{ "06052b81040023", SIGN_ECDSA_521, SIGN_ECDSA_WITH_SHA512_DER, 521,
	  "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75"
	  "caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b8"
	  "3538",
	  "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f"
	  "174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e3"
	  "77fa"
	  "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af"
	  "282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4"
	  "a67a" },
};

static const char oid_brainpool_256[] = "06092b2403030208010107";

static chunk_t from_hex(const char *text)
{
	return chunk_from_hex(chunk_from_str((char *)text), NULL);
}

static chunk_t sample(void)
{
	return chunk_from_str("sample");
}

/* ECPrivateKey (RFC 5915), with the curve's identifier or, for PKCS#8,
 * without; adopts both. */
static chunk_t ec_private_key(chunk_t secret, chunk_t oid)
{
	chunk_t version = asn1_simple_object(ASN1_INTEGER, chunk_from_chars(0x01));

	return asn1_wrap(ASN1_SEQUENCE, "mmm", version, asn1_wrap(ASN1_OCTET_STRING, "m", secret),
			 oid.len ? asn1_wrap(ASN1_CONTEXT_C_0, "m", oid) : chunk_empty);
}

/* Adopts the encoding. */
static private_key_t *load(chunk_t der)
{
	private_key_t *key = lib->creds->create(lib->creds, CRED_PRIVATE_KEY, KEY_ANY,
						BUILD_BLOB_ASN1_DER, der, BUILD_END);

	chunk_free(&der);
	return key;
}

static private_key_t *load_vector(const struct vector *v)
{
	private_key_t *key = load(ec_private_key(from_hex(v->x), from_hex(v->oid)));

	assert_non_null(key);
	return key;
}

static void signatures_are_those_of_rfc_6979(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(vectors); i++) {
		const struct vector *v = &vectors[i];
		private_key_t *private = load_vector(v);
		public_key_t *public = private->get_public_key(private);
		chunk_t expected = from_hex(v->signature), signature;

		assert_int_equal(private->get_type(private), KEY_ECDSA);
		assert_int_equal(private->get_keysize(private), v->n_bits);
		assert_int_equal(public->get_keysize(public), v->n_bits);
		assert_true(private->sign(private, v->raw_scheme, NULL, sample(), &signature));
		assert_true(chunk_equals(signature, expected));
		assert_true(public->verify(public, v->raw_scheme, NULL, sample(), signature));
		chunk_free(&signature);
		chunk_free(&expected);
		public->destroy(public);
		private->destroy(private);
	}
}

/* `s` is good for `sample()`; what is near to it is not. */
static void assert_only_this_verifies(public_key_t *key, signature_scheme_t scheme, chunk_t s)
{
	chunk_t longer = chunk_cat("cc", s, chunk_from_chars(0x00));

	assert_true(key->verify(key, scheme, NULL, sample(), s));
	assert_false(key->verify(key, scheme, NULL, chunk_from_str("simple"), s));
	for (size_t i = 0; i < s.len; i += 7) {
		s.ptr[i] ^= 1;
		assert_false(key->verify(key, scheme, NULL, sample(), s));
		s.ptr[i] ^= 1;
	}
	assert_false(key->verify(key, scheme, NULL, sample(), chunk_create(s.ptr, s.len - 1)));
	assert_false(key->verify(key, scheme, NULL, sample(), longer));
	assert_false(key->verify(key, scheme, NULL, sample(), chunk_empty));
	chunk_free(&longer);
}

static void no_other_signature_verifies(void **state)
{
	uint8_t zeros[132] = {}, ones[132];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (size_t i = 0; i < countof(vectors); i++) {
		const struct vector *v = &vectors[i];
		private_key_t *private = load_vector(v);
		public_key_t *public = private->get_public_key(private);
		chunk_t raw, der;

		assert_true(private->sign(private, v->raw_scheme, NULL, sample(), &raw));
		assert_true(private->sign(private, v->der_scheme, NULL, sample(), &der));
		assert_only_this_verifies(public, v->raw_scheme, raw);
		assert_only_this_verifies(public, v->der_scheme, der);
		assert_false(public->verify(public, v->der_scheme, NULL, sample(), raw));
		assert_false(public->verify(public, v->raw_scheme, NULL, sample(), der));
		assert_false(public->verify(public, v->raw_scheme, NULL, sample(),
					    chunk_create(zeros, raw.len)));
		assert_false(public->verify(public, v->raw_scheme, NULL, sample(),
					    chunk_create(ones, raw.len)));
		chunk_free(&raw);
		chunk_free(&der);
		public->destroy(public);
		private->destroy(private);
	}
}

/* DER schemes go with any curve, the fixed ones with their own alone, the rest
 * with none. */
static void a_scheme_goes_with_its_curve(void **state)
{
	static const signature_scheme_t never[] = {
		SIGN_ECDSA_WITH_NULL,
		SIGN_ECDSA_WITH_SHA1_DER,
		SIGN_RSA_EMSA_PKCS1_SHA2_256,
	};
	chunk_t signature;

	(void)state;
	for (size_t i = 0; i < countof(vectors); i++) {
		private_key_t *key = load_vector(&vectors[i]);

		for (size_t j = 0; j < countof(vectors); j++) {
			assert_true(
				key->sign(key, vectors[j].der_scheme, NULL, sample(), &signature));
			chunk_free(&signature);
			if (i != j)
				assert_false(key->sign(key, vectors[j].raw_scheme, NULL, sample(),
						       &signature));
		}
		for (size_t j = 0; j < countof(never); j++)
			assert_false(key->sign(key, never[j], NULL, sample(), &signature));
		assert_false(key->get_encoding(key, PRIVKEY_ASN1_DER, &signature));
		key->destroy(key);
	}
}

static chunk_t pkcs8(const struct vector *v)
{
	chunk_t algorithm = asn1_algorithmIdentifier_params(OID_EC_PUBLICKEY, from_hex(v->oid));
	chunk_t inner = ec_private_key(from_hex(v->x), chunk_empty);

	return asn1_wrap(ASN1_SEQUENCE, "cmm", ASN1_INTEGER_0, algorithm,
			 asn1_wrap(ASN1_OCTET_STRING, "m", inner));
}

static void a_key_is_the_same_from_sec1_and_pkcs8(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(vectors); i++) {
		private_key_t *sec1 = load_vector(&vectors[i]), *other = load(pkcs8(&vectors[i]));
		public_key_t *public = sec1->get_public_key(sec1);
		chunk_t a, b;

		assert_non_null(other);
		assert_true(other->equals(other, sec1));
		assert_true(other->belongs_to(other, public));
		assert_true(other->get_fingerprint(other, KEYID_PUBKEY_SHA1, &a));
		assert_true(public->get_fingerprint(public, KEYID_PUBKEY_SHA1, &b));
		assert_true(chunk_equals(a, b));
		assert_true(public->has_fingerprint(public, a));
		other->destroy(other);
		public->destroy(public);
		sec1->destroy(sec1);
	}
}

static void bad_private_keys_are_refused(void **state)
{
	const char order[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
	const char zero[] = "0000000000000000000000000000000000000000000000000000000000000000";
	const char *p_256 = vectors[0].oid, *x = vectors[0].x;
	chunk_t truncated = ec_private_key(from_hex(x), from_hex(p_256));

	(void)state;
	assert_null(load(ec_private_key(from_hex(order), from_hex(p_256))));
	assert_null(load(ec_private_key(from_hex(zero), from_hex(p_256))));
	assert_null(load(ec_private_key(from_hex(x), from_hex(oid_brainpool_256))));
	assert_null(load(ec_private_key(from_hex(x), chunk_empty)));
	truncated.len -= 3;
	assert_null(load(truncated));
}

static public_key_t *load_public(chunk_t spki)
{
	return lib->creds->create(lib->creds, CRED_PUBLIC_KEY, KEY_ANY, BUILD_BLOB_ASN1_DER, spki,
				  BUILD_END);
}

static void a_public_key_off_the_curve_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(vectors); i++) {
		private_key_t *private = load_vector(&vectors[i]);
		public_key_t *public = private->get_public_key(private), *again;
		chunk_t spki;

		assert_true(public->get_encoding(public, PUBKEY_SPKI_ASN1_DER, &spki));
		again = load_public(spki);
		assert_non_null(again);
		assert_true(again->equals(again, public));
		spki.ptr[spki.len - 1] ^= 1;
		assert_null(load_public(spki));
		again->destroy(again);
		chunk_free(&spki);
		public->destroy(public);
		private->destroy(private);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_those_of_rfc_6979),
		cmocka_unit_test(no_other_signature_verifies),
		cmocka_unit_test(a_scheme_goes_with_its_curve),
		cmocka_unit_test(a_key_is_the_same_from_sec1_and_pkcs8),
		cmocka_unit_test(bad_private_keys_are_refused),
		cmocka_unit_test(a_public_key_off_the_curve_is_refused),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
