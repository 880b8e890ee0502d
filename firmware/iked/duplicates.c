/* Which SAs are one too many.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/duplicates.h"

#include <stdlib.h>

static int by_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Youngest first within a tunnel. */
static int compare_ikes(const void *left, const void *right)
{
	const struct seen_ike *a = left, *b = right;
	int order = by_number(a->tunnel, b->tunnel);

	if (order == 0)
		order = by_number(b->since_s, a->since_s);
	return order ? order : by_number(b->id, a->id);
}

static bool is_same_child(const struct seen_child *a, const struct seen_child *b)
{
	return a->tunnel == b->tunnel && a->child == b->child && a->selectors == b->selectors;
}

/* Youngest first among those that carry the same traffic. */
static int compare_children(const void *left, const void *right)
{
	const struct seen_child *a = left, *b = right;
	int order = by_number(a->tunnel, b->tunnel);

	if (order == 0)
		order = by_number(a->child, b->child);
	if (order == 0)
		order = by_number(a->selectors, b->selectors);
	if (order == 0)
		order = by_number(b->since_s, a->since_s);
	return order ? order : by_number(b->id, a->id);
}

static bool is_settled(uint64_t since_s, uint64_t now_s)
{
	return now_s >= since_s + DUPLICATES_SETTLE_S;
}

static bool is_needed(const struct seen_ike *ike, const struct seen_child *children,
		      size_t n_children)
{
	for (size_t i = 0; i < n_children; i++)
		if (children[i].ike_id == ike->id && !children[i].is_superfluous)
			return true;
	return false;
}

/* Marks IKE SAs of one tunnel: one is kept, the youngest that has a child SA to carry. */
static bool mark_ikes(struct seen_ike *ikes, size_t n_ikes, const struct seen_child *children,
		      size_t n_children, uint64_t now_s)
{
	size_t kept = 0;
	bool is_pending = false;

	for (size_t i = 0; i < n_ikes; i++) {
		if (is_needed(&ikes[i], children, n_children)) {
			kept = i;
			break;
		}
	}
	for (size_t i = 0; i < n_ikes; i++) {
		if (i == kept || is_needed(&ikes[i], children, n_children))
			continue;
		if (is_settled(ikes[i].since_s, now_s) && is_settled(ikes[kept].since_s, now_s))
			ikes[i].is_superfluous = true;
		else
			is_pending = true;
	}
	return is_pending;
}

bool duplicates_mark(struct seen_ike *ikes, size_t n_ikes, struct seen_child *children,
		     size_t n_children, uint64_t now_s)
{
	bool is_pending = false;

	if (n_children > 0)
		qsort(children, n_children, sizeof(*children), compare_children);
	for (size_t i = 1, youngest = 0; i < n_children; i++) {
		if (!is_same_child(&children[i], &children[youngest]))
			youngest = i;
		else if (is_settled(children[youngest].since_s, now_s))
			children[i].is_superfluous = true;
		else
			is_pending = true;
	}
	if (n_ikes > 0)
		qsort(ikes, n_ikes, sizeof(*ikes), compare_ikes);
	for (size_t first = 0, end = 0; first < n_ikes; first = end) {
		while (end < n_ikes && ikes[end].tunnel == ikes[first].tunnel)
			end++;
		if (end - first > 1)
			is_pending |=
				mark_ikes(&ikes[first], end - first, children, n_children, now_s);
	}
	return is_pending;
}
