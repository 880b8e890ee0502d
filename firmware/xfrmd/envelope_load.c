/* How the configuration becomes an envelope.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/envelope.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "base/event.h"
#include "config/device.h"
#include "provisioning/bundle/digest.h"
#include "runtime/child.h"

#define N_PARTS 3

static_assert(sizeof(struct envelope) % ENVELOPE_ALIGNMENT == 0, "sealed by whole pages");

struct load {
	const char *path;
	struct envelope *envelope; /* the child fills its own copy */
	char *text;
	size_t len;
};

static void fill_tunnel(const struct tunnel *from, struct envelope *envelope)
{
	struct envelope_head *head = &envelope->head;
	struct envelope_tunnel *to = &envelope->tunnels[head->n_tunnels];

	*to = (struct envelope_tunnel){ .if_id = from->if_id,
					.gateway = from->gateway,
					.n_suites = (uint32_t)from->n_esp_suites,
					.first_child = head->n_children,
					.n_children = (uint32_t)from->n_children,
					.priority = from->priority,
					.max_life_s = from->child_life_s,
					.max_life_bytes = from->child_life_kilobytes * 1024 };
	memcpy(to->name, from->name, sizeof(to->name));
	memcpy(to->suites, from->esp_suites, sizeof(to->suites));
	for (size_t i = 0; i < from->n_children; i++)
		envelope->children[head->n_children++] =
			(struct envelope_child){ .reqid = from->children[i].reqid,
						 .tunnel = head->n_tunnels,
						 .local = from->children[i].local,
						 .remote = from->children[i].remote };
	head->n_tunnels++;
}

static int fill(const struct device_config *config, struct envelope *envelope)
{
	size_t n_children = 0;

	for (size_t i = 0; i < config->n_tunnels; i++)
		n_children += config->tunnels[i].n_children;
	if (n_children > ENVELOPE_MAX_CHILDREN) { /* all else was bounded by the parser */
		event_log(EVENT_CONFIG_BAD, "reason=\"%zu children, at most %u are possible\"",
			  n_children, ENVELOPE_MAX_CHILDREN);
		return -E2BIG;
	}
	memset(&envelope->head, 0, sizeof(envelope->head));
	memcpy(envelope->head.wan_interface, config->wan_interface,
	       sizeof(envelope->head.wan_interface));
	for (size_t i = 0; i < config->n_azure_prefixes; i++)
		envelope->prefixes[envelope->head.n_prefixes++] = config->azure_prefixes[i];
	for (size_t i = 0; i < config->n_tunnels; i++)
		fill_tunnel(&config->tunnels[i], envelope);
	return 0;
}

static int read_text(void *context)
{
	struct load *load = context;
	int rc = config_read_file(load->path, MAX_CONFIG_BYTES, true, &load->text, &load->len);

	if (rc < 0)
		event_log(EVENT_CONFIG_BAD, "path=%s reason=\"%s\"", load->path,
			  rc == -EPERM ? "not a file that root owns and nobody else may write"
				       : strerror(-rc));
	return rc;
}

/* What follows the head in the pipe, by the counts in the head. */
static void list_parts(struct envelope *envelope, struct iovec parts[static N_PARTS])
{
	const struct envelope_head *head = &envelope->head;

	parts[0] = (struct iovec){ envelope->prefixes, head->n_prefixes * sizeof(struct prefix) };
	parts[1] = (struct iovec){ envelope->tunnels,
				   head->n_tunnels * sizeof(struct envelope_tunnel) };
	parts[2] = (struct iovec){ envelope->children,
				   head->n_children * sizeof(struct envelope_child) };
}

static int put_records(struct envelope *envelope, int fd)
{
	struct iovec parts[N_PARTS];
	int rc = child_put(fd, &envelope->head, sizeof(envelope->head));

	list_parts(envelope, parts);
	for (int i = 0; rc == 0 && i < N_PARTS; i++)
		rc = child_put(fd, parts[i].iov_base, parts[i].iov_len);
	return rc;
}

static int parse_text(void *context, int fd)
{
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	char error_text[CONFIG_ERROR_TEXT_BYTES];
	struct load *load = context;
	struct config_error error;
	int rc = config_parse(load->text, load->len, &config, &error);

	if (rc < 0)
		event_log(EVENT_CONFIG_BAD, "reason=\"%s\"",
			  rc == -EBADMSG ? config_error_print(&error, load->path, error_text)
					 : strerror(-rc));
	else
		rc = fill(config, load->envelope);
	if (rc < 0)
		return rc;
	digest_sha256(load->text, load->len, load->envelope->head.config_sha256);
	rc = put_records(load->envelope, fd);
	if (rc < 0)
		log_error("the configuration's records cannot be sent: %s", strerror(-rc));
	return rc;
}

static int get_records(struct child *child, struct envelope *envelope)
{
	const struct envelope_head *head = &envelope->head;
	struct iovec parts[N_PARTS];
	int rc = child_get(child, &envelope->head, sizeof(*head));

	if (rc == 0 && (head->n_prefixes > MAX_PREFIXES || head->n_tunnels > MAX_TUNNELS ||
			head->n_children > ENVELOPE_MAX_CHILDREN))
		return -E2BIG;
	list_parts(envelope, parts);
	for (int i = 0; rc == 0 && i < N_PARTS; i++)
		rc = child_get(child, parts[i].iov_base, parts[i].iov_len);
	return rc;
}

/* Returns NULL, or what went wrong; "" when the child has said it. */
static const char *receive(const struct child_work *work, struct envelope *envelope,
			   char buf[static MAX_SENTENCE_BYTES])
{
	struct child child;
	int rc, finished;

	if (child_start(work, &child) < 0)
		return "no process can be started to parse it";
	rc = get_records(&child, envelope);
	finished = child_finish(&child);
	if (finished == -ECANCELED)
		return "";
	if (rc < 0 || finished < 0)
		return "the process that parses it ended early";
	return envelope_flaw(envelope, buf);
}

int envelope_load(const char *path, struct envelope *ret_envelope)
{
	struct load load = { .path = path, .envelope = ret_envelope };
	const struct child_work work = { read_text, parse_text, &load };
	char flaw_text[MAX_SENTENCE_BYTES];
	const char *flaw = "its table cannot be sealed";

	if (mprotect(ret_envelope, sizeof(*ret_envelope), PROT_READ | PROT_WRITE) == 0)
		flaw = receive(&work, ret_envelope, flaw_text);
	if (!flaw && mprotect(ret_envelope, sizeof(*ret_envelope), PROT_READ) < 0)
		flaw = "its table cannot be sealed";
	if (flaw && *flaw)
		event_log(EVENT_CONFIG_BAD, "path=%s reason=\"%s\"", path, flaw);
	return flaw ? -EBADMSG : 0;
}
