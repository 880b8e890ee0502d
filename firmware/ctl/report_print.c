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
#define INDENT "    "
#define LABEL_COLUMNS 10
#define TEXT_BYTES 256

enum kind {
	KIND_TEXT,   /* char[] */
	KIND_NUMBER, /* unsigned, 1 to 8 bytes; so are the others */
	KIND_BOOL,
	KIND_MS,    /* microseconds, said in milliseconds; 0 is never */
	KIND_TIME,  /* Unix time; 0 is never */
	KIND_AGE,   /* Unix time, said in seconds until now */
	KIND_STATE, /* enum tunnel_state */
	KIND_ADDR,  /* struct addr */
};

/* When a person sees a row. */
enum show {
	SHOW_NEVER,
	SHOW_SET, /* if it is neither 0 nor "" */
	SHOW_UP,  /* if the row's object is a tunnel that is up */
};

struct row {
	const char *key;
	enum kind kind;
	size_t offset, size;
	enum show show;
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

static void print_volume(uint64_t bytes, uint64_t packets, char text[static TEXT_BYTES])
{
	char b[32], p[32];

	snprintf(text, TEXT_BYTES, "%s bytes in %s packet%s", print_grouped(bytes, b),
		 print_grouped(packets, p), packets == 1 ? "" : "s");
}

static void print_received(const void *object, char text[static TEXT_BYTES])
{
	const struct status_tunnel *tunnel = object;

	print_volume(tunnel->bytes_in, tunnel->packets_in, text);
}

static void print_sent(const void *object, char text[static TEXT_BYTES])
{
	const struct status_tunnel *tunnel = object;

	print_volume(tunnel->bytes_out, tunnel->packets_out, text);
}

static void print_esp(const void *object, char text[static TEXT_BYTES])
{
	const struct status_tunnel *tunnel = object;

	snprintf(text, TEXT_BYTES, "%s%s", tunnel->esp_suite,
		 tunnel->is_nat ? ", in UDP (NAT)" : "");
}

static void print_retry(const void *object, char text[static TEXT_BYTES])
{
	const struct status_tunnel *tunnel = object;

	snprintf(text, TEXT_BYTES, "in %u s, after %u attempt%s", tunnel->retry_in_s,
		 tunnel->n_attempts, tunnel->n_attempts == 1 ? "" : "s");
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
	{ "name",         KIND_TEXT,   TUNNEL(name),         SHOW_NEVER, NULL,       NULL },
	{ "state",        KIND_STATE,  TUNNEL(state),        SHOW_NEVER, NULL,       NULL },
	{ "gateway",      KIND_ADDR,   TUNNEL(gateway),      SHOW_SET,   "gateway",  NULL },
	{ "ike_suite",    KIND_TEXT,   TUNNEL(ike_suite),    SHOW_SET,   "IKE",      NULL },
	{ "esp_suite",    KIND_TEXT,   TUNNEL(esp_suite),    SHOW_SET,   "ESP",      print_esp },
	{ "since",        KIND_TIME,   TUNNEL(since_s),      SHOW_SET,   "since",    NULL },
	{ "since_s",      KIND_AGE,    TUNNEL(since_s),      SHOW_NEVER, NULL,       NULL },
	{ "nat",          KIND_BOOL,   TUNNEL(is_nat),       SHOW_NEVER, NULL,       NULL },
	{ "children",     KIND_NUMBER, TUNNEL(n_children),   SHOW_UP,    "children", NULL },
	{ "bytes_in",     KIND_NUMBER, TUNNEL(bytes_in),     SHOW_UP,    "received",
	  print_received },
	{ "bytes_out",    KIND_NUMBER, TUNNEL(bytes_out),    SHOW_UP,    "sent",     print_sent },
	{ "packets_in",   KIND_NUMBER, TUNNEL(packets_in),   SHOW_NEVER, NULL,       NULL },
	{ "packets_out",  KIND_NUMBER, TUNNEL(packets_out),  SHOW_NEVER, NULL,       NULL },
	{ "establish_ms", KIND_MS,     TUNNEL(establish_us), SHOW_UP,    "set up in", NULL },
	{ "attempts",     KIND_NUMBER, TUNNEL(n_attempts),   SHOW_NEVER, NULL,       NULL },
	{ "retry_in_s",   KIND_NUMBER, TUNNEL(retry_in_s),   SHOW_SET,   "retry",    print_retry },
	{ "reason",       KIND_TEXT,   TUNNEL(reason),       SHOW_SET,   "reason",   NULL },
	{ "remedy",       KIND_TEXT,   TUNNEL(remedy),       SHOW_SET,   "to do",    NULL },
};

static const struct row kernel_rows[] = {
	{ "since",          KIND_TIME,   KERNEL(up_since_s),        SHOW_SET,   "since",    NULL },
	{ "tunnels",        KIND_NUMBER, KERNEL(n_tunnels),         SHOW_NEVER, NULL,       NULL },
	{ "sas",            KIND_NUMBER, KERNEL(n_sas),             SHOW_SET,   "SAs",      NULL },
	{ "iked_connected", KIND_BOOL,   KERNEL(is_iked_connected), SHOW_NEVER, NULL,       NULL },
	{ "requests",       KIND_NUMBER, KERNEL(n_requests),        SHOW_NEVER, NULL,       NULL },
	{ "refusals",       KIND_NUMBER, KERNEL(n_refusals),        SHOW_SET,   "refused",
	  print_refusals },
	{ "last_refusal",   KIND_TEXT,   KERNEL(last_refusal),      SHOW_SET,   "the last", NULL },
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

/* One label and its value, broken at spaces. */
static void write_line(FILE *out, const char *label, const char *text)
{
	size_t width = MAX_COLUMNS - strlen(INDENT) - LABEL_COLUMNS - 1;

	do {
		size_t len = strlen(text);

		if (len > width) {
			len = width;
			while (len && text[len] != ' ')
				len--;
			if (!len) /* one long word */
				len = strcspn(text, " ");
		}
		fprintf(out, INDENT "%-*s ", LABEL_COLUMNS, label);
		write_plain(out, text, len);
		fputc('\n', out);
		text += len;
		text += strspn(text, " ");
		label = "";
	} while (*text);
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

static void print_since(uint64_t unix_s, uint64_t now_s, char text[static TEXT_BYTES])
{
	time_t when = (time_t)unix_s;
	struct tm local;
	char moment[64], age[64];

	if (!localtime_r(&when, &local) || !strftime(moment, sizeof(moment), "%F %T %Z", &local))
		moment[0] = '\0';
	print_age(age_s(unix_s, now_s), age, sizeof(age));
	snprintf(text, TEXT_BYTES, "%s, for %s", moment, age);
}

static bool is_shown(const struct row *row, const void *object, bool is_up)
{
	switch (row->show) {
	case SHOW_NEVER:
		return false;
	case SHOW_UP:
		return is_up;
	case SHOW_SET:
		if (row->kind == KIND_TEXT)
			return *member(row, object) != '\0';
		return read_number(row, object) != 0; /* of an address: its family */
	}
	return false;
}

static void write_rows(FILE *out, const struct row *rows, size_t n, const void *object,
		       uint64_t now_s, bool is_up)
{
	char text[TEXT_BYTES], buf[ADDR_TEXT_BYTES], number[32];

	for (const struct row *row = rows; row < rows + n; row++) {
		if (!is_shown(row, object, is_up))
			continue;
		if (row->print)
			row->print(object, text);
		else if (row->kind == KIND_TIME)
			print_since(read_number(row, object), now_s, text);
		else if (row->kind == KIND_MS)
			snprintf(text, sizeof(text), "%.1f ms",
				 (double)read_number(row, object) / 1000);
		else if (row->kind == KIND_NUMBER)
			snprintf(text, sizeof(text), "%s",
				 print_grouped(read_number(row, object), number));
		else
			snprintf(text, sizeof(text), "%s", read_text(row, object, buf));
		write_line(out, row->label, text);
	}
}

/* Name and state of a tunnel or a daemon. */
static void write_head(FILE *out, const char *name, const char *state, const char *colour)
{
	write_plain(out, name, strlen(name));
	fprintf(out, "  %s%s%s\n", colour, state, *colour ? "\033[0m" : "");
}

/* `consequence` is what it means that the daemon is gone. */
static void write_daemon(FILE *out, const char *name, int error, const char *consequence,
			 bool is_coloured)
{
	const char *good = is_coloured ? "\033[32m" : "", *bad = is_coloured ? "\033[31m" : "";

	if (!error) {
		write_head(out, name, "running", good);
	} else if (error == -ENOENT || error == -ECONNREFUSED) {
		write_head(out, name, "not running", bad);
		write_line(out, "meanwhile", consequence);
	} else {
		write_head(out, name, "unknown", bad);
		write_line(out, "reason", print_error(error));
	}
}

void report_print_text(const struct report *report, bool is_coloured, FILE *out)
{
	static const char *const colours[] = {
		[TUNNEL_STATE_DOWN] = "\033[31m",
		[TUNNEL_STATE_CONNECTING] = "\033[33m",
		[TUNNEL_STATE_UP] = "\033[32m",
		[TUNNEL_STATE_WAITING] = "\033[33m",
	};

	for (size_t i = 0; i < report->n_tunnels; i++) {
		const struct status_tunnel *tunnel = &report->tunnels[i];

		write_head(out, tunnel->name, state_names[tunnel->state],
			   is_coloured ? colours[tunnel->state] : "");
		write_rows(out, tunnel_rows, countof(tunnel_rows), tunnel, report->now_s,
			   tunnel->state == TUNNEL_STATE_UP);
		fputc('\n', out);
	}
	write_daemon(out, "iked", report->iked_error,
		     "SAs in the kernel carry traffic until their gateways give up on them; no "
		     "tunnel comes up or is renewed",
		     is_coloured);
	write_daemon(out, "xfrmd", report->xfrmd_error,
		     "the kernel keeps tunnels and closed prefixes as they are; no SA can be added",
		     is_coloured);
	if (!report->xfrmd_error)
		write_rows(out, kernel_rows, countof(kernel_rows), &report->kernel, report->now_s,
			   true);
	if (!report->iked_error)
		fprintf(out, "\n%zu of %zu tunnels up\n", report->n_up, report->n_tunnels);
}
