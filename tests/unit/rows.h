/* Runs one test function over a table of rows; a row begins with its name, a sentence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"

/* Evaluates to the number of rows that failed. `run` gets the row as its state. */
#define RUN_ROWS(rows, run)                                                                        \
	({                                                                                         \
		struct CMUnitTest tests_[countof(rows)];                                           \
                                                                                                   \
		for (size_t i_ = 0; i_ < countof(rows); i_++)                                      \
			tests_[i_] = (struct CMUnitTest){                                          \
				.name = (rows)[i_].name,                                           \
				.test_func = (run),                                                \
				.initial_state = (void *)(uintptr_t) & (rows)[i_],                 \
			};                                                                         \
		cmocka_run_group_tests_name(#rows, tests_, NULL, NULL);                            \
	})
