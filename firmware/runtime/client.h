/* The asking end of a SOCK_SEQPACKET channel: connect, ask, take the one answer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>

/* Connects to a server's socket. Returns 0 and a close-on-exec descriptor that the caller closes,
 * or a negative errno (-ENOENT, -ECONNREFUSED: the server is not there). */
__attribute__((warn_unused_result)) int client_connect(const char *path, int *ret_fd);

/* Sends one message and waits for one answer of exactly `reply_size` bytes, at most `timeout_ms`
 * (-1: for ever). Descriptors that come with it are stored in `ret_fds` (close-on-exec, the
 * caller's), exactly `n_fds` must come when the answer brings any. Returns the number of
 * descriptors or a negative errno: -ETIMEDOUT, -EPIPE when the server went away, -EPROTO for an
 * answer of another size or number of descriptors. After an error the caller closes the connection:
 * the answer may still be on its way. */
__attribute__((warn_unused_result)) int client_ask(int fd, const void *request, size_t request_size,
						   void *ret_reply, size_t reply_size, int *ret_fds,
						   int n_fds, int timeout_ms);
