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

/* Mute ones last; youngest first among those that carry the same traffic. */
static int compare_children(const void *left, const void *right)
{
	const struct seen_child *a = left, *b = right;
	int order = by_number(a->is_mute, b->is_mute);

	if (order == 0)
		order = by_number(a->tunnel, b->tunnel);
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
		if (children[i].ike_id == ike->id && !children[i].is_superfluous &&
		    !children[i].is_mute)
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

/* Marks the child SAs of one sort that carry the same traffic, youngest first; that one is kept. */
static bool mark_same(struct seen_child *children, size_t n, uint64_t now_s)
{
	bool is_due = is_settled(children[0].since_s, now_s);

	for (size_t i = 0; i < n; i++)
		is_due = is_due && !children[i].is_busy;
	for (size_t i = 1; i < n; i++)
		children[i].is_superfluous = is_due;
	return n > 1 && !is_due;
}

static bool mark_children(struct seen_child *children, size_t n_children, uint64_t now_s)
{
	size_t first = 0, end = 0;
	bool is_pending = false;

	for (; first < n_children && !children[first].is_mute; first = end) {
		while (end < n_children && !children[end].is_mute &&
		       is_same_child(&children[first], &children[end]))
			end++;
		is_pending |= mark_same(&children[first], end - first, now_s);
	}
	for (; first < n_children; first++) {
		children[first].is_superfluous =
			now_s >= children[first].since_s + DUPLICATES_MUTE_S;
		is_pending |= !children[first].is_superfluous;
	}
	return is_pending;
}

bool duplicates_mark(struct seen_ike *ikes, size_t n_ikes, struct seen_child *children,
		     size_t n_children, uint64_t now_s)
{
	bool is_pending;

	if (n_children > 0)
		qsort(children, n_children, sizeof(*children), compare_children);
	is_pending = mark_children(children, n_children, now_s);
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
