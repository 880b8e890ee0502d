/* The way out, on the loopback interface that every host has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "iked/path_look.h"

static void an_interface_that_is_up(void **state)
{
	struct wan_state wan = path_look_wan("lo");
	char text[ADDR_TEXT_BYTES];

	(void)state;
	assert_string_equal(wan.name, "lo");
	assert_true(wan.is_there && wan.is_up && wan.has_carrier);
	assert_string_equal(addr_print(&wan.address, text), "127.0.0.1");
	assert_true(path_look_route(&wan.address));
}

static void an_interface_that_is_not_there(void **state)
{
	struct wan_state wan = path_look_wan("nowhere0");

	(void)state;
	assert_false(wan.is_there || wan.is_up || wan.has_carrier);
	assert_int_equal(wan.address.family, ADDR_FAMILY_NONE);
}

static void there_is_no_route_to_the_broadcast(void **state)
{
	struct addr everybody = { ADDR_FAMILY_IPV4, { 0 }, { 255, 255, 255, 255 } };

	(void)state;
	assert_false(path_look_route(&everybody)); /* EACCES: no SO_BROADCAST */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_that_is_up),
		cmocka_unit_test(an_interface_that_is_not_there),
		cmocka_unit_test(there_is_no_route_to_the_broadcast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
