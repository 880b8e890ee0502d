/* libstrongswan with the provider and the key parsers loaded, for a cmocka
 * group.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

/* cmocka.h wants these first */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <library.h>

/* Group fixture functions. */
int fixture_setup(void **state);
int fixture_teardown(void **state);
