/* Reads a configuration file through one descriptor, so that what was judged is what is parsed.
 *
 * Symbolic links are followed: what counts is the file that was opened, and an update may switch
 * configurations by a link.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "config/device.h"

#define FIRST_BYTES 4096 /* for what has no size, such as a pipe */

/* The file may hold keys, so no copy of it stays behind in freed memory. */
struct text {
	char *bytes;
	size_t len, size;
};

static void text_deinit(struct text *text)
{
	if (text->bytes)
		secret_wipe_bytes(text->bytes, text->size);
	free(text->bytes);
}

static int text_grow(struct text *text, size_t size)
{
	struct text grown = { .bytes = malloc(size), .len = text->len, .size = size };

	if (!grown.bytes)
		return -ENOMEM;
	if (text->len)
		memcpy(grown.bytes, text->bytes, text->len);
	text_deinit(text);
	*text = grown;
	return 0;
}

static int check_trust(const struct stat *st)
{
	if (!S_ISREG(st->st_mode) || st->st_uid != 0 || (st->st_mode & (S_IWGRP | S_IWOTH)))
		return -EPERM;
	return 0;
}

/* Reads to the end; keeps one byte free for the NUL. */
static int read_all(int fd, size_t max_bytes, struct text *text)
{
	for (;;) {
		ssize_t n;
		int r;

		if (text->len > max_bytes)
			return -EFBIG;
		if (text->len + 1 == text->size) {
			r = text_grow(text, text->size * 2);
			if (r < 0)
				return r;
		}
		n = read(fd, text->bytes + text->len, text->size - text->len - 1);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			text->len += (size_t)n;
	}
}

int config_read_file(const char *path, size_t max_bytes, bool is_trusted_only, char **ret_text,
		     size_t *ret_len)
{
	_cleanup_(text_deinit) struct text text = { 0 };
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	/* a trusted path that names a pipe must be refused, not waited for */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (is_trusted_only ? O_NONBLOCK : 0));
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (is_trusted_only) {
		r = check_trust(&st);
		if (r < 0)
			return r;
	}
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max_bytes)
		return -EFBIG;
	/* two more bytes: one to find the end with, one for the NUL */
	r = text_grow(&text, S_ISREG(st.st_mode) ? (size_t)st.st_size + 2 : FIRST_BYTES);
	if (r < 0)
		return r;
	r = read_all(fd, max_bytes, &text);
	if (r < 0)
		return r;
	text.bytes[text.len] = '\0';
	*ret_text = steal(&text.bytes);
	*ret_len = text.len;
	return 0;
}
