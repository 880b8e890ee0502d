/* A report for people and for programs.
 *
 * A row of a table is one member of a daemon's answer: its JSON key, and the label under which a
 * person sees it, if at all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ctl/report_print.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "ctl/json_write.h"

#define MAX_COLUMNS 80
#define INDENT "  "
#define LABEL_COLUMNS 8
#define MARK_COLUMNS 5 /* of a rung, behind its label */
#define TEXT_BYTES 512

enum kind {
	KIND_TEXT,   /* char[] */
	KIND_NUMBER, /* unsigned, 1 to 8 bytes; so are the others */
	KIND_BOOL,
	KIND_MS,    /* microseconds, said in milliseconds; 0 is never */
	KIND_TIME,  /* Unix time; 0 is never */
	KIND_AGE,   /* Unix time, said in seconds until now */
	KIND_STATE, /* enum tunnel_state */
	KIND_RUNG,  /* enum rung; RUNG_N is none */
	KIND_ADDR,  /* struct addr */
};

struct row {
	const char *key;
	enum kind kind;
	size_t offset, size;
	/* Under which a person sees it, unless the text is ""; NULL: never. Without `print` it is
	 * KIND_TEXT. */
	const char *label;
	/* What a person reads, when it is more than the value. `object` is what the table is of. */
	void (*print)(const void *object, char text[static TEXT_BYTES]);
};

static const char *const state_names[] = {
	[TUNNEL_STATE_DOWN] = "down",
	[TUNNEL_STATE_CONNECTING] = "connecting",
	[TUNNEL_STATE_UP] = "up",
	[TUNNEL_STATE_WAITING] = "waiting",
};

/* Of a rung: its JSON key and the label under which a person sees it. */
static const struct {
	const char *key, *label;
} rung_names[RUNG_N] = {
	[RUNG_LINK] = { "link", "link" }, [RUNG_ADDRESS] = { "address", "address" },
	[RUNG_DNS] = { "dns", "DNS" },	  [RUNG_UDP] = { "udp", "UDP" },
	[RUNG_IKE] = { "ike", "IKE" },	  [RUNG_CHILD] = { "child", "child" },
	[RUNG_HOST] = { "host", "host" },
};

static const struct {
	const char *name, *mark; /* mark: NULL, it is not shown */
} rung_states[] = {
	[RUNG_STATE_NOT_REACHED] = { "not reached", NULL },
	[RUNG_STATE_HOLDS] = { "holds", "ok" },
	[RUNG_STATE_STOPS] = { "stops", "STOP" },
	[RUNG_STATE_UNKNOWN] = { "unknown", "?" },
	[RUNG_STATE_NOT_NEEDED] = { "not needed", "-" },
};

/* ---- what a person reads ---- */

/* 1234567 as "1,234,567". */
static const char *print_grouped(uint64_t number, char buf[static 32])
{
	char digits[24];
	size_t n = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number), used = 0;

	for (size_t i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			buf[used++] = ',';
		buf[used++] = digits[i];
	}
	buf[used] = '\0';
	return buf;
}

/* Where in Azure one looks: its log, its setting. */
static void print_azure(const void *object, char text[static TEXT_BYTES])
{
	const struct status_tunnel *tunnel = object;

	snprintf(text, TEXT_BYTES, "%s%s%s", tunnel->azure_code,
		 tunnel->azure_code[0] && tunnel->azure_setting[0] ? ": " : "",
		 tunnel->azure_setting);
}

static void print_refusals(const void *object, char text[static TEXT_BYTES])
{
	const struct status_kernel *kernel = object;
	char refused[32], asked[32];

	snprintf(text, TEXT_BYTES, "%s of %s requests", print_grouped(kernel->n_refusals, refused),
		 print_grouped(kernel->n_requests, asked));
}

/* ---- the rows ---- */

#define TUNNEL(member)                                                                             \
	offsetof(struct status_tunnel, member), sizeof(((struct status_tunnel *)0)->member)
#define KERNEL(member)                                                                             \
	offsetof(struct status_kernel, member), sizeof(((struct status_kernel *)0)->member)

/* clang-format off */
static const struct row tunnel_rows[] = {
	{ "name",          KIND_TEXT,   TUNNEL(name),          NULL,      NULL },
	{ "state",         KIND_STATE,  TUNNEL(state),         NULL,      NULL },
	{ "gateway",       KIND_ADDR,   TUNNEL(gateway),       NULL,      NULL },
	{ "ike_suite",     KIND_TEXT,   TUNNEL(ike_suite),     NULL,      NULL },
	{ "esp_suite",     KIND_TEXT,   TUNNEL(esp_suite),     NULL,      NULL },
	{ "since",         KIND_TIME,   TUNNEL(since_s),       NULL,      NULL },
	{ "since_s",       KIND_AGE,    TUNNEL(since_s),       NULL,      NULL },
	{ "nat",           KIND_BOOL,   TUNNEL(is_nat),        NULL,      NULL },
	{ "children",      KIND_NUMBER, TUNNEL(n_children),    NULL,      NULL },
	{ "bytes_in",      KIND_NUMBER, TUNNEL(bytes_in),      NULL,      NULL },
	{ "bytes_out",     KIND_NUMBER, TUNNEL(bytes_out),     NULL,      NULL },
	{ "packets_in",    KIND_NUMBER, TUNNEL(packets_in),    NULL,      NULL },
	{ "packets_out",   KIND_NUMBER, TUNNEL(packets_out),   NULL,      NULL },
	{ "establish_ms",  KIND_MS,     TUNNEL(establish_us),  NULL,      NULL },
	{ "attempts",      KIND_NUMBER, TUNNEL(n_attempts),    NULL,      NULL },
	{ "retry_in_s",    KIND_NUMBER, TUNNEL(retry_in_s),    NULL,      NULL },
	{ "stops_at",      KIND_RUNG,   TUNNEL(stops_at),      NULL,      NULL },
	{ "reason",        KIND_TEXT,   TUNNEL(reason),        "reason",  NULL },
	{ "offered",       KIND_TEXT,   TUNNEL(offered),       NULL,      NULL },
	{ "azure_code",    KIND_TEXT,   TUNNEL(azure_code),    NULL,      NULL },
	{ "azure_setting", KIND_TEXT,   TUNNEL(azure_setting), "Azure",   print_azure },
	{ "remedy",        KIND_TEXT,   TUNNEL(remedy),        "to do",   NULL },
};

static const struct row kernel_rows[] = {
	{ "since",          KIND_TIME,   KERNEL(up_since_s),        NULL,       NULL },
	{ "tunnels",        KIND_NUMBER, KERNEL(n_tunnels),         NULL,       NULL },
	{ "sas",            KIND_NUMBER, KERNEL(n_sas),             NULL,       NULL },
	{ "iked_connected", KIND_BOOL,   KERNEL(is_iked_connected), NULL,       NULL },
	{ "requests",       KIND_NUMBER, KERNEL(n_requests),        NULL,       NULL },
	{ "refusals",       KIND_NUMBER, KERNEL(n_refusals),        "refused",  print_refusals },
	{ "last_refusal",   KIND_TEXT,   KERNEL(last_refusal),      "the last", NULL },
};
/* clang-format on */

/* ---- reading a member ---- */

static const char *member(const struct row *row, const void *object)
{
	return (const char *)object + row->offset;
}

static uint64_t read_number(const struct row *row, const void *object)
{
	const char *at = member(row, object);
	uint64_t u64;
	uint32_t u32;

	if (row->size == sizeof(uint8_t))
		return *(const uint8_t *)at;
	if (row->size == sizeof(u32)) {
		memcpy(&u32, at, sizeof(u32));
		return u32;
	}
	memcpy(&u64, at, sizeof(u64));
	return u64;
}

static uint64_t age_s(uint64_t since_s, uint64_t now_s)
{
	return since_s && since_s < now_s ? now_s - since_s : 0; /* a clock may have been set */
}

static const char *read_text(const struct row *row, const void *object,
			     char buf[static ADDR_TEXT_BYTES])
{
	if (row->kind == KIND_STATE)
		return state_names[read_number(row, object)];
	if (row->kind == KIND_ADDR)
		return addr_print((const struct addr *)member(row, object), buf);
	return member(row, object);
}

/* ---- JSON ---- */

static void write_json_time(struct json_writer *json, const char *key, uint64_t unix_s)
{
	time_t when = (time_t)unix_s;
	struct tm utc;
	char text[40];

	if (unix_s && gmtime_r(&when, &utc) && strftime(text, sizeof(text), "%FT%TZ", &utc))
		json_write_text(json, key, text);
	else
		json_write_null(json, key);
}

static void write_json_rows(struct json_writer *json, const struct row *rows, size_t n,
			    const void *object, uint64_t now_s)
{
	char buf[ADDR_TEXT_BYTES];

	for (const struct row *row = rows; row < rows + n; row++) {
		switch (row->kind) {
		case KIND_TEXT:
		case KIND_STATE:
		case KIND_ADDR:
			json_write_text(json, row->key, read_text(row, object, buf));
			break;
		case KIND_NUMBER:
			json_write_number(json, row->key, read_number(row, object));
			break;
		case KIND_BOOL:
			json_write_bool(json, row->key, read_number(row, object));
			break;
		case KIND_MS:
			if (read_number(row, object))
				json_write_decimal(json, row->key, read_number(row, object));
			else
				json_write_null(json, row->key);
			break;
		case KIND_TIME:
			write_json_time(json, row->key, read_number(row, object));
			break;
		case KIND_AGE:
			json_write_number(json, row->key, age_s(read_number(row, object), now_s));
			break;
		case KIND_RUNG:
			if (read_number(row, object) < RUNG_N)
				json_write_text(json, row->key,
						rung_names[read_number(row, object)].key);
			else
				json_write_null(json, row->key);
			break;
		}
	}
}

/* Why a daemon could not be asked; "" if it could. */
static const char *print_error(int error)
{
	static const struct {
		int error;
		const char *text;
	} rows[] = {
		{ 0, "" },
		{ -ENOENT, "it is not running" },
		{ -ECONNREFUSED, "it is not running" },
		{ -EPIPE, "it ended while it was asked; try again" },
		{ -EACCES, "only root and members of the group fairlead may ask" },
		{ -ETIMEDOUT, "it does not answer" },
		{ -EPROTO, "it is of another version than this program" },
	};

	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].error == error)
			return rows[i].text;
	return strerror(-error);
}

static void write_json_daemon(struct json_writer *json, const char *name, int error)
{
	json_write_open(json, name, '{');
	json_write_bool(json, "running", error == 0);
	json_write_text(json, "reason", print_error(error));
}

static void write_json_rungs(struct json_writer *json, const struct status_tunnel *tunnel)
{
	json_write_open(json, "rungs", '[');
	for (int i = 0; i < RUNG_N; i++) {
		json_write_open(json, NULL, '{');
		json_write_text(json, "name", rung_names[i].key);
		json_write_text(json, "state", rung_states[tunnel->rungs[i].state].name);
		json_write_text(json, "text", tunnel->rungs[i].text);
		json_write_close(json, '}');
	}
	json_write_close(json, ']');
}

void report_print_json(const struct report *report, FILE *out)
{
	struct json_writer json = { .out = out };

	json_write_open(&json, NULL, '{');
	json_write_open(&json, "daemons", '{');
	write_json_daemon(&json, "iked", report->iked_error);
	json_write_close(&json, '}');
	write_json_daemon(&json, "xfrmd", report->xfrmd_error);
	write_json_rows(&json, kernel_rows, countof(kernel_rows), &report->kernel, report->now_s);
	json_write_close(&json, '}');
	json_write_close(&json, '}');
	json_write_open(&json, "tunnels", '[');
	for (size_t i = 0; i < report->n_tunnels; i++) {
		json_write_open(&json, NULL, '{');
		write_json_rows(&json, tunnel_rows, countof(tunnel_rows), &report->tunnels[i],
				report->now_s);
		write_json_rungs(&json, &report->tunnels[i]);
		json_write_close(&json, '}');
	}
	json_write_close(&json, ']');
	json_write_close(&json, '}');
}

/* ---- text ---- */

/* Some bytes of a foreign text, so that it cannot steer a terminal. */
static void write_plain(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fputc(text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?', out);
}

/* A label and its value, broken at spaces; `mark` is NULL or stands between the two. */
static void write_line(FILE *out, const char *label, const char *mark, const char *text)
{
	size_t lead = strlen(INDENT) + LABEL_COLUMNS + 1 + (mark ? MARK_COLUMNS + 1 : 0);
	size_t width = MAX_COLUMNS - lead;

	fprintf(out, INDENT "%-*s ", LABEL_COLUMNS, label);
	if (mark)
		fprintf(out, "%-*s ", MARK_COLUMNS, mark);
	for (;;) {
		size_t len = strlen(text);

		if (len > width) {
			len = width;
			while (len && text[len] != ' ')
				len--;
			if (!len) /* one long word */
				len = strcspn(text, " ");
		}
		write_plain(out, text, len);
		fputc('\n', out);
		text += len;
		text += strspn(text, " ");
		if (!*text)
			return;
		fprintf(out, "%*s", (int)lead, "");
	}
}

/* "for 3 h 12 min": the two largest units. */
static void print_age(uint64_t age, char *buf, size_t size)
{
	static const struct {
		unsigned int seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	size_t i = 0;

	while (i + 1 < countof(units) && age < units[i].seconds)
		i++;
	if (i + 1 == countof(units))
		snprintf(buf, size, "%" PRIu64 " s", age);
	else
		snprintf(buf, size, "%" PRIu64 " %s %" PRIu64 " %s", age / units[i].seconds,
			 units[i].name, age % units[i].seconds / units[i + 1].seconds,
			 units[i + 1].name);
}

static void write_rows(FILE *out, const struct row *rows, size_t n, const void *object)
{
	char text[TEXT_BYTES];

	for (const struct row *row = rows; row < rows + n; row++) {
		if (!row->label)
			continue;
		if (row->print)
			row->print(object, text);
		else
			snprintf(text, sizeof(text), "%s", member(row, object));
		if (text[0])
			write_line(out, row->label, NULL, text);
	}
}

/* Name and state of a tunnel or a daemon. */
static void write_head(FILE *out, const char *name, const char *state, const char *colour)
{
	write_plain(out, name, strlen(name));
	fprintf(out, "  %s%s%s", colour, state, *colour ? "\033[0m" : "");
}

/* `consequence` is what it means that the daemon is gone. Nothing is said of one that runs. */
static void write_daemon(FILE *out, const char *name, int error, const char *consequence,
			 bool is_coloured)
{
	bool is_gone = error == -ENOENT || error == -ECONNREFUSED;

	if (!error)
		return;
	write_head(out, name, is_gone ? "not running" : "unknown", is_coloured ? "\033[31m" : "");
	fputc('\n', out);
	write_line(out, is_gone ? "so" : "reason", NULL,
		   is_gone ? consequence : print_error(error));
}

static void write_tunnel_head(FILE *out, const struct status_tunnel *tunnel, uint64_t now_s,
			      bool is_coloured)
{
	static const char *const colours[] = {
		[TUNNEL_STATE_DOWN] = "\033[31m",
		[TUNNEL_STATE_CONNECTING] = "\033[33m",
		[TUNNEL_STATE_UP] = "\033[32m",
		[TUNNEL_STATE_WAITING] = "\033[33m",
	};
	char gateway[ADDR_TEXT_BYTES], age[64];

	write_head(out, tunnel->name, state_names[tunnel->state],
		   is_coloured ? colours[tunnel->state] : "");
	print_age(age_s(tunnel->since_s, now_s), age, sizeof(age));
	fprintf(out, "  %s for %s", addr_print(&tunnel->gateway, gateway), age);
	if (tunnel->retry_in_s)
		fprintf(out, ", try %" PRIu32 " in %" PRIu32 " s", tunnel->n_attempts + 1,
			tunnel->retry_in_s);
	fputc('\n', out);
}

/* The lower rungs are the box's: they are said once, unless a tunnel has them otherwise. */
static bool is_said(const struct report *report, size_t i, int rung)
{
	const struct status_rung *first = &report->tunnels[0].rungs[rung];

	return i > 0 && rung < RUNG_UDP &&
	       memcmp(first, &report->tunnels[i].rungs[rung], sizeof(*first)) == 0;
}

static void write_rungs(FILE *out, const struct report *report, size_t i)
{
	const struct status_tunnel *tunnel = &report->tunnels[i];
	char text[TEXT_BYTES];

	for (int rung = 0; rung < RUNG_N; rung++) {
		const struct status_rung *said = &tunnel->rungs[rung];
		bool has_offer = rung == tunnel->stops_at && tunnel->offered[0];

		if (!rung_states[said->state].mark || is_said(report, i, rung))
			continue;
		snprintf(text, sizeof(text), "%s%s%s%s", said->text,
			 has_offer && said->text[0] ? "; " : "", has_offer ? "offered " : "",
			 has_offer ? tunnel->offered : "");
		write_line(out, rung_names[rung].label, rung_states[said->state].mark, text);
	}
}

void report_print_text(const struct report *report, bool is_coloured, FILE *out)
{
	for (size_t i = 0; i < report->n_tunnels; i++) {
		write_tunnel_head(out, &report->tunnels[i], report->now_s, is_coloured);
		write_rungs(out, report, i);
		write_rows(out, tunnel_rows, countof(tunnel_rows), &report->tunnels[i]);
	}
	write_daemon(out, "iked", report->iked_error,
		     "SAs in the kernel carry traffic until their gateways give up on them; no "
		     "tunnel comes up or is renewed",
		     is_coloured);
	write_daemon(out, "xfrmd", report->xfrmd_error,
		     "the kernel keeps tunnels and closed prefixes as they are; no SA can be added",
		     is_coloured);
	if (report->kernel.n_refusals) {
		write_head(out, "xfrmd", "running", is_coloured ? "\033[32m" : "");
		fputc('\n', out);
		write_rows(out, kernel_rows, countof(kernel_rows), &report->kernel);
	}
	if (!report->iked_error)
		fprintf(out, "%zu of %zu tunnels up\n", report->n_up, report->n_tunnels);
}
