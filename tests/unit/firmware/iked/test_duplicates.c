/* Which SAs are one too many, as rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "iked/duplicates.h"

#define NOW 1000
#define OLD 900
#define OLDER 800
#define NEW 995 /* not settled */

struct row {
	const char *name;
	struct seen_ike ikes[3];       /* up to id 0 */
	struct seen_child children[4]; /* up to id 0 */
	const char *gone;	       /* ids of superfluous IKE SAs, then of child SAs */
	bool is_pending;
};

static const struct row rows[] = {
	{ "one of each is right",
	  { { .id = 1, .since_s = OLD } },
	  { { .ike_id = 1, .id = 5, .since_s = OLD } },
	  "",
	  false },
	{ "two sides initiated at once: the older IKE SA goes, with its child",
	  { { .id = 1, .since_s = OLDER }, { .id = 2, .since_s = OLD } },
	  { { .ike_id = 1, .id = 5, .since_s = OLDER }, { .ike_id = 2, .id = 6, .since_s = OLD } },
	  "i1 c5 ",
	  false },
	{ "in the same second the one with the lower number",
	  { { .id = 2, .since_s = OLD }, { .id = 1, .since_s = OLD } },
	  { { .ike_id = 2, .id = 6, .since_s = OLD }, { .ike_id = 1, .id = 5, .since_s = OLD } },
	  "i1 c5 ",
	  false },
	{ "not before the younger one carries traffic",
	  { { .id = 1, .since_s = OLD }, { .id = 2, .since_s = NEW } },
	  { { .ike_id = 1, .id = 5, .since_s = OLD }, { .ike_id = 2, .id = 6, .since_s = NEW } },
	  "",
	  true },
	{ "children of other selectors are no duplicates",
	  { { .id = 1, .since_s = OLD } },
	  { { .ike_id = 1, .id = 5, .selectors = 7, .since_s = OLD },
	    { .ike_id = 1, .id = 6, .selectors = 8, .since_s = OLD } },
	  "",
	  false },
	{ "nor are those of another configured child",
	  { { .id = 1, .since_s = OLD } },
	  { { .ike_id = 1, .id = 5, .child = 0, .since_s = OLD },
	    { .ike_id = 1, .id = 6, .child = 1, .since_s = OLD } },
	  "",
	  false },
	{ "tunnels have nothing to do with each other",
	  { { .tunnel = 0, .id = 1, .since_s = OLD }, { .tunnel = 1, .id = 2, .since_s = OLD } },
	  { { .tunnel = 0, .ike_id = 1, .id = 5, .since_s = OLD },
	    { .tunnel = 1, .ike_id = 2, .id = 6, .since_s = OLD } },
	  "",
	  false },
	{ "two children in one IKE SA: the older goes",
	  { { .id = 1, .since_s = OLDER } },
	  { { .ike_id = 1, .id = 5, .since_s = OLDER }, { .ike_id = 1, .id = 6, .since_s = OLD } },
	  "c5 ",
	  false },
	{ "an IKE SA that alone carries a child stays",
	  { { .id = 1, .since_s = OLDER }, { .id = 2, .since_s = OLD } },
	  { { .ike_id = 1, .id = 5, .child = 1, .since_s = OLDER },
	    { .ike_id = 2, .id = 6, .child = 0, .since_s = OLD } },
	  "",
	  false },
	{ "a younger one without any child goes",
	  { { .id = 1, .since_s = OLDER }, { .id = 2, .since_s = OLD } },
	  { { .ike_id = 1, .id = 5, .since_s = OLDER } },
	  "i2 ",
	  false },
	{ "of several without a child the youngest stays",
	  { { .id = 1, .since_s = OLDER },
	    { .id = 2, .since_s = OLD },
	    { .id = 3, .since_s = OLD } },
	  { { .id = 0 } },
	  "i1 i2 ",
	  false },
	{ "a child that only receives keeps no IKE SA from going, and goes with it",
	  { { .id = 1, .since_s = OLDER }, { .id = 2, .since_s = OLD } },
	  { { .ike_id = 1, .id = 5, .since_s = OLD, .is_mute = true },
	    { .ike_id = 2, .id = 6, .since_s = OLDER } },
	  "i1 c5 ",
	  false },
	{ "nor does it end an older one that sends, while the gateway rekeys",
	  { { .id = 1, .since_s = OLDER } },
	  { { .ike_id = 1, .id = 5, .since_s = OLDER },
	    { .ike_id = 1, .id = 6, .since_s = NEW, .is_mute = true } },
	  "",
	  true },
	{ "while one of them is being rekeyed none goes, nor its IKE SA",
	  { { .id = 1, .since_s = OLDER }, { .id = 2, .since_s = OLD } },
	  { { .ike_id = 1, .id = 5, .since_s = OLDER },
	    { .ike_id = 2, .id = 6, .since_s = OLD, .is_busy = true } },
	  "",
	  true },
	{ "whichever of them it is",
	  { { .id = 1, .since_s = OLDER }, { .id = 2, .since_s = OLD } },
	  { { .ike_id = 1, .id = 5, .since_s = OLDER, .is_busy = true },
	    { .ike_id = 2, .id = 6, .since_s = OLD } },
	  "",
	  true },
	{ "one that only receives is left some time",
	  { { .id = 1, .since_s = OLDER } },
	  { { .ike_id = 1, .id = 5, .since_s = NEW, .is_mute = true } },
	  "",
	  true },
};

static void append(char *out, char kind, uint32_t id)
{
	size_t len = strlen(out);

	out[len] = kind;
	out[len + 1] = (char)('0' + id);
	out[len + 2] = ' ';
	out[len + 3] = '\0';
}

static void run(const struct row *row)
{
	struct seen_ike ikes[3];
	struct seen_child children[4];
	size_t n_ikes = 0, n_children = 0;
	char gone[64] = "";
	bool is_pending;

	memcpy(ikes, row->ikes, sizeof(ikes));
	memcpy(children, row->children, sizeof(children));
	while (n_ikes < 3 && ikes[n_ikes].id)
		n_ikes++;
	while (n_children < 4 && children[n_children].id)
		n_children++;
	is_pending = duplicates_mark(ikes, n_ikes, children, n_children, NOW);
	for (uint32_t id = 1; id < 10; id++)
		for (size_t i = 0; i < n_ikes; i++)
			if (ikes[i].id == id && ikes[i].is_superfluous)
				append(gone, 'i', id);
	for (uint32_t id = 1; id < 10; id++)
		for (size_t i = 0; i < n_children; i++)
			if (children[i].id == id && children[i].is_superfluous)
				append(gone, 'c', id);
	if (strcmp(gone, row->gone) != 0 || is_pending != row->is_pending)
		fail_msg("%s: gone \"%s\", pending %d", row->name, gone, is_pending);
}

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		run(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_row) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
