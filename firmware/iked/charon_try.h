/* What is tried on an established IKE SA out of turn. For charon_keeper.c only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "iked/charon_parts.h"

/* Asks the gateway for a sign of life now. Returns false when there is no such IKE SA, or it is
 * busy. The caller holds no IKE SA. */
bool charon_try_probe(uint32_t ike_id);

/* Rekeys a child SA of the IKE SA now. Returns false when nothing was begun. The caller holds no
 * IKE SA. */
bool charon_try_rekey(uint32_t ike_id);
