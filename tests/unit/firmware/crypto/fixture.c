/* libstrongswan with the provider and the key parsers loaded, for a cmocka
 * group.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fixture.h"

#include "crypto/crypto.h"

int fixture_setup(void **state)
{
	(void)state;
	if (!library_init("", "unit-crypto"))
		return -1;
	dbg_default_set_level(LEVEL_SILENT);
	crypto_register();
	return lib->plugins->load(lib->plugins, "pem pkcs1 pkcs8 x509 constraints") ? 0 : -1;
}

int fixture_teardown(void **state)
{
	(void)state;
	library_deinit();
	return 0;
}
