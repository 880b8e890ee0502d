/* What the daemons say about themselves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ctl/report.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "runtime/client.h"

#define ANSWER_MS 2000 /* a daemon answers within one turn of its loop */

static int connect_below(const char *run_dir, const char *socket_name, int *ret_fd)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s", run_dir, socket_name);

	if (len < 0 || (size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	return client_connect(path, ret_fd);
}

static int ask(int fd, enum status_request_type type, uint32_t row, void *ret_reply, size_t size)
{
	struct status_request request = { .version = STATUS_PROTO_VERSION,
					  .type = (uint16_t)type,
					  .row = row };
	int r = client_ask(fd, &request, sizeof(request), ret_reply, size, NULL, 0, ANSWER_MS);

	return r < 0 ? r : 0;
}

#define is_text(array) (memchr((array), '\0', sizeof(array)) != NULL)

static bool are_rungs_valid(const struct status_tunnel *tunnel)
{
	for (int i = 0; i < RUNG_N; i++)
		if (tunnel->rungs[i].state > RUNG_STATE_NOT_NEEDED ||
		    !is_text(tunnel->rungs[i].text))
			return false;
	return tunnel->stops_at <= RUNG_N;
}

static bool is_tunnel_valid(const struct status_tunnel *tunnel)
{
	return tunnel->version == STATUS_PROTO_VERSION && tunnel->type == STATUS_REQUEST_TUNNEL &&
	       tunnel->state <= TUNNEL_STATE_WAITING && is_text(tunnel->name) &&
	       is_text(tunnel->ike_suite) && is_text(tunnel->esp_suite) &&
	       is_text(tunnel->reason) && is_text(tunnel->offered) && is_text(tunnel->azure_code) &&
	       is_text(tunnel->azure_setting) && is_text(tunnel->remedy) && are_rungs_valid(tunnel);
}

static bool is_kernel_valid(const struct status_kernel *kernel)
{
	return kernel->version == STATUS_PROTO_VERSION && kernel->type == STATUS_REQUEST_KERNEL &&
	       is_text(kernel->last_refusal);
}

static int append(struct report *report, const struct status_tunnel *tunnel)
{
	struct status_tunnel *grown;

	if (report->n_tunnels == MAX_TUNNELS)
		return -EPROTO;
	grown = reallocarray(report->tunnels, report->n_tunnels + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	report->tunnels = grown;
	report->tunnels[report->n_tunnels++] = *tunnel;
	if (tunnel->state == TUNNEL_STATE_UP)
		report->n_up++;
	return 0;
}

static int ask_iked(const char *run_dir, struct report *report)
{
	_cleanup_close_ int fd = -1;
	struct status_tunnel tunnel;
	int r;

	r = connect_below(run_dir, STATUS_IKED_SOCKET, &fd);
	for (uint32_t row = 0; r == 0; row++) {
		r = ask(fd, STATUS_REQUEST_TUNNEL, row, &tunnel, sizeof(tunnel));
		if (r == 0 && !is_tunnel_valid(&tunnel))
			return -EPROTO;
		if (r == 0 && tunnel.error == -ENOENT)
			return 0;
		if (r == 0)
			r = tunnel.error ? -EPROTO : append(report, &tunnel);
	}
	return r;
}

static int ask_xfrmd(const char *run_dir, struct status_kernel *ret_kernel)
{
	_cleanup_close_ int fd = -1;
	struct status_kernel kernel;
	int r;

	r = connect_below(run_dir, STATUS_XFRMD_SOCKET, &fd);
	if (r == 0)
		r = ask(fd, STATUS_REQUEST_KERNEL, 0, &kernel, sizeof(kernel));
	if (r < 0)
		return r;
	if (!is_kernel_valid(&kernel) || kernel.error)
		return -EPROTO;
	*ret_kernel = kernel;
	return 0;
}

int report_init(const char *run_dir, struct report *ret_report)
{
	struct report report = { .now_s = (uint64_t)time(NULL) };

	report.xfrmd_error = ask_xfrmd(run_dir, &report.kernel);
	report.iked_error = ask_iked(run_dir, &report);
	if (report.iked_error == -ENOMEM) {
		report_deinit(&report);
		return -ENOMEM;
	}
	*ret_report = report;
	return 0;
}

void report_deinit(struct report *report)
{
	free(report->tunnels);
	*report = (struct report){ 0 };
}
