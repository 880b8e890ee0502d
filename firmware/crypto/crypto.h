/* Mbed TLS underneath libstrongswan: every algorithm that an Azure policy can
 * name.
 *
 * This is the whole interface of the folder; neither library's types leave it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

/* Offers the algorithms to libstrongswan as the critical static feature set
 * "fairlead-crypto": loading plugins fails when the random generator cannot be
 * seeded. To be called once between library_init() and lib->plugins->load()
 * (in libcharon: charon->initialize()). Teardown is libstrongswan's, with
 * library_deinit().
 *
 * MODP exponents have the length that libstrongswan's group table says when a
 * key exchange begins, so `dh_exponent_ansi_x9_42 = no` gives the short
 * exponents of RFC 3526 section 8. */
void crypto_register(void);

/* Name and version of the crypto library linked in, e.g. "Mbed TLS 3.6.7"; a
 * constant. */
const char *crypto_version(void);
