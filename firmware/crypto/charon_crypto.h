/* The constructors behind the feature table, for this folder only.
 *
 * Each returns a new object that its own destroy() ends, or NULL when it does
 * not know the algorithm or memory, key material or the random generator
 * failed. Contracts of the objects: libstrongswan's headers of the same names.
 * Objects are for one thread at a time, but for keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <library.h>
#include <credentials/keys/private_key.h>
#include <credentials/keys/public_key.h>

#include <mbedtls/md.h>

/* Mbed TLS's name of a hash, MBEDTLS_MD_NONE when it is not offered. */
mbedtls_md_type_t charon_md_type(hash_algorithm_t algorithm);

/* Hashes `data` in one go. Writes at most MBEDTLS_MD_MAX_SIZE bytes; returns
 * their number, 0 on failure. */
size_t charon_hash(mbedtls_md_type_t type, chunk_t data, uint8_t ret_hash[MBEDTLS_MD_MAX_SIZE]);

/* MD5, SHA-1, SHA-2. */
hasher_t *charon_hasher_create(hash_algorithm_t algorithm);

/* HMAC (RFC 2104) over those hashes. */
prf_t *charon_prf_create(pseudo_random_function_t algorithm);
signer_t *charon_signer_create(integrity_algorithm_t algorithm);

/* AES-CBC (RFC 3602) with 16, 24 or 32 bytes of key, 3DES-CBC (RFC 2451) with
 * 24; 0 means the algorithm's usual size. */
crypter_t *charon_crypter_create(encryption_algorithm_t algorithm, size_t key_size);

/* AES-GCM (RFC 5282) with ICVs of 8, 12 and 16 bytes; sizes in bytes, without
 * the salt for the key, 0 means 16 bytes of key and 4 of salt. */
aead_t *charon_aead_create(encryption_algorithm_t algorithm, size_t key_size, size_t salt_size);

/* All qualities but RNG_TRUE. */
rng_t *charon_rng_create(rng_quality_t quality);

/* Groups 19 to 21 (RFC 5903) and 31 (RFC 8031). The peer's point must be on
 * the curve and, on Curve25519, not be one of small order. Variadic because
 * the factory calls it so. */
key_exchange_t *charon_ke_ec_create(key_exchange_method_t method, ...);

/* MODP groups of RFC 2409, RFC 3526 and RFC 5114. The peer's value must be
 * within 1 < y < p - 1. */
key_exchange_t *charon_ke_modp_create(key_exchange_method_t method, ...);

/* Builders; they take the parts that the pkcs1 and pkcs8 plugins pass on and
 * decline any other, so that another builder gets its try. Keys are
 * reference-counted and safe for many threads. */
public_key_t *charon_rsa_public_load(key_type_t type, va_list args);
private_key_t *charon_rsa_private_load(key_type_t type, va_list args);
public_key_t *charon_ecdsa_public_load(key_type_t type, va_list args);
private_key_t *charon_ecdsa_private_load(key_type_t type, va_list args);
