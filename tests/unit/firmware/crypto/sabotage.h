/* Deliberately broken algorithms, to show that crypto-vectors bites.
 *
 * The linker's --wrap puts these constructors between the provider's feature
 * table and the provider's own; each passes the good object on, but for the
 * one algorithm that was chosen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sabotage {
	const char *name;      /* as given to --broken */
	const char *algorithm; /* as libstrongswan prints it */
	unsigned int key_bits; /* 0 when the algorithm has one size only */
	const char *what;
};

/* Returns the i-th sabotage, NULL behind the last. */
const struct sabotage *sabotage_get(size_t i);

/* Breaks that algorithm from now on. Returns NULL for an unknown name. */
const struct sabotage *sabotage_choose(const char *name);
