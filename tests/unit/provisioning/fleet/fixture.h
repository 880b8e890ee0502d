/* What the fleet's tests share: documents written with single quotes, findings as text, rows.
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
#include "provisioning/fleet/azure_node.h"
#include "provisioning/fleet/azure_resource.h"

/* Runs `run` for each row, with the row as its state; a row begins with its name, a sentence.
 * Evaluates to the number of rows that failed. */
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

struct fixture {
	struct azure_file file;
	struct azure_inventory inventory;
	struct findings findings;
};

/* Ids as Azure writes them, of things in one resource group: ID("connections/cn-a"). */
#define GROUP "/subscriptions/sub/resourceGroups/rg-net/providers/Microsoft.Network/"
#define ID(what) GROUP what

/* A good set: connection, gateway, local gateway, public IP, network. Caller frees nothing. */
extern const char fixture_good[];

/* Parses a document in which ' stands for ". Fails the test when it is no JSON. */
void fixture_init(struct fixture *fixture, const char *document);
void fixture_deinit(struct fixture *fixture);

/* `document` with its only occurrence of `from` replaced by `to`; the caller frees it. */
char *fixture_replace(const char *document, const char *from, const char *to);

/* The findings as printed, without file, line and column; the caller frees it. `errors_only` leaves
 * notes out. */
char *fixture_findings(const struct findings *findings, bool errors_only);
