/* Why a tunnel is not up, in words, and what to do about it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/reason.h"

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "config/tunnel.h"
#include "iked/azure_words.h"

#define MAX_LISTED 2 /* of what we offer; the configuration has all */

enum offer { OFFER_NONE, OFFER_IKE, OFFER_ESP, OFFER_SELECTORS, OFFER_IDENTITY };

#define RUNG_NONE RUNG_N /* in the table */

struct reason_row {
	const char *id;
	enum rung rung;
	const char *code, *setting;
	enum offer offer;
	const char *text, *remedy;
};

static const struct reason_row rows[REASON_N] = {
#define REASON(name, id, rung, code, setting, offer, sign, text, remedy)                           \
	[REASON_##name] = { id, RUNG_##rung, code, setting, OFFER_##offer, text, remedy },
#include "iked/reason.def"
#undef REASON
};

const char *reason_id(enum reason reason)
{
	return rows[reason].id;
}

enum rung reason_rung(enum reason reason)
{
	return rows[reason].rung;
}

/* A text that grows in a buffer and is cut at its end. */
struct growing {
	char *text;
	size_t used, size;
};

static struct growing begin(char *text, size_t size)
{
	text[0] = '\0';
	return (struct growing){ .text = text, .size = size };
}

static void append_n(struct growing *out, const char *text, size_t len)
{
	if (len > out->size - 1 - out->used)
		len = out->size - 1 - out->used;
	memcpy(out->text + out->used, text, len);
	out->used += len;
	out->text[out->used] = '\0';
}

static void append(struct growing *out, const char *text)
{
	append_n(out, text, strlen(text));
}

/* --- what we offer -------------------------------------------------------------------------- */

#define ITEM_BYTES (2 * PREFIX_TEXT_BYTES + 4)

static void print_ike(const struct tunnel *tunnel, size_t i, char buf[static ITEM_BYTES])
{
	ike_suite_print(&tunnel->ike_suites[i], buf);
}

static void print_esp(const struct tunnel *tunnel, size_t i, char buf[static ITEM_BYTES])
{
	esp_suite_print(&tunnel->esp_suites[i], buf);
}

static void print_selectors(const struct tunnel *tunnel, size_t i, char buf[static ITEM_BYTES])
{
	char local[PREFIX_TEXT_BYTES], remote[PREFIX_TEXT_BYTES];

	snprintf(buf, ITEM_BYTES, "%s to %s", prefix_print(&tunnel->children[i].local, local),
		 prefix_print(&tunnel->children[i].remote, remote));
}

static void print_identity(const struct tunnel *tunnel, size_t i, char buf[static ITEM_BYTES])
{
	(void)i;
	addr_print(&tunnel->local_id, buf);
}

static void list(struct growing *out, const struct tunnel *tunnel, size_t n,
		 void (*print)(const struct tunnel *tunnel, size_t i, char buf[static ITEM_BYTES]))
{
	char item[ITEM_BYTES], more[32];

	for (size_t i = 0; i < n && i < MAX_LISTED; i++) {
		print(tunnel, i, item);
		append(out, i ? ", " : "");
		append(out, item);
	}
	if (n > MAX_LISTED) {
		snprintf(more, sizeof(more), " and %zu more", n - MAX_LISTED);
		append(out, more);
	}
}

static void print_offer(enum offer offer, const struct tunnel *tunnel,
			char buf[static MAX_SENTENCE_BYTES])
{
	struct growing out = begin(buf, MAX_SENTENCE_BYTES);

	switch (offer) {
	case OFFER_NONE:
		break;
	case OFFER_IKE:
		list(&out, tunnel, tunnel->n_ike_suites, print_ike);
		break;
	case OFFER_ESP:
		list(&out, tunnel, tunnel->n_esp_suites, print_esp);
		break;
	case OFFER_SELECTORS:
		list(&out, tunnel, tunnel->n_children, print_selectors);
		break;
	case OFFER_IDENTITY:
		append(&out, "the identity ");
		list(&out, tunnel, 1, print_identity);
		break;
	}
}

/* --- sentences ------------------------------------------------------------------------------ */

/* Azure takes one policy a connection; without one it has its default, which is a list. */
static void append_policy_command(struct growing *out, const struct tunnel *tunnel, bool is_ike)
{
	static const char policy[] = "az network vpn-connection ipsec-policy ";
	bool is_default = is_ike ? tunnel->n_ike_suites > 2 : tunnel->n_esp_suites > 2;
	char words[AZURE_WORDS_BYTES];

	append(out, policy);
	append(out, is_default ? "clear" : "add");
	append(out, " --connection-name ");
	append(out, tunnel->name);
	append(out, " -g RG");
	if (is_default)
		return;
	append(out, " ");
	append(out, is_ike ? azure_words_ike(&tunnel->ike_suites[0], words)
			   : azure_words_esp(&tunnel->esp_suites[0], words));
	append(out, " ...");
}

struct speaking {
	const struct tunnel *tunnel;
	const char *wan, *detail;
};

static void append_token(struct growing *out, char token, const struct speaking *speaking)
{
	char buf[ADDR_TEXT_BYTES];

	switch (token) {
	case 'G':
		append(out, addr_print(&speaking->tunnel->gateway, buf));
		break;
	case 'N':
		append(out, speaking->tunnel->name);
		break;
	case 'C':
		append(out, speaking->wan);
		break;
	case 'D':
		append(out, speaking->detail && *speaking->detail ? speaking->detail
								  : "something unknown");
		break;
	case 'I':
	case 'E':
		append_policy_command(out, speaking->tunnel, token == 'I');
		break;
	}
}

static void expand(struct growing out, const char *text, const struct speaking *speaking)
{
	while (*text) {
		size_t plain = strcspn(text, "$");

		append_n(&out, text, plain);
		text += plain;
		if (*text) {
			append_token(&out, text[1], speaking);
			text += 2;
		}
	}
}

void reason_print(enum reason reason, const struct tunnel *tunnel, const char *wan,
		  const char *detail, struct reason_words *ret_words)
{
	const struct reason_row *row = &rows[reason];
	struct speaking speaking = { tunnel, wan, detail };

	expand(begin(ret_words->text, sizeof(ret_words->text)), row->text, &speaking);
	expand(begin(ret_words->remedy, sizeof(ret_words->remedy)), row->remedy, &speaking);
	print_offer(row->offer, tunnel, ret_words->offered);
	ret_words->code = row->code;
	ret_words->setting = row->setting;
}
