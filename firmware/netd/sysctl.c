/* Writing kernel settings and reading them back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "netd/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

static int open_at(const char *root, const char *path, int flags)
{
	char full[PATH_MAX];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	fd = open(full, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int write_value(const char *root, const char *path, const char *value)
{
	_cleanup_close_ int fd = open_at(root, path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, value, strlen(value));
	if (n < 0)
		return -errno;
	return (size_t)n == strlen(value) ? 0 : -EIO;
}

/* 0 if the file holds `value`, white space at its end aside. */
static int check_value(const char *root, const char *path, const char *value)
{
	_cleanup_close_ int fd = open_at(root, path, O_RDONLY);
	char text[32];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	text[strcspn(text, " \t\n")] = '\0';
	return strcmp(text, value) ? -EIO : 0;
}

/* Does one thing to every row. */
static int for_each(const char *root, const struct sysctls *sysctls, const char *doing,
		    int (*act)(const char *root, const char *path, const char *value))
{
	for (size_t i = 0; i < sysctls->n; i++) {
		const struct sysctl *row = &sysctls->rows[i];
		int r = act(root, row->path, row->value);

		if (r == -ENOENT && row->is_optional)
			continue;
		if (r < 0) {
			log_error("%s a kernel setting failed path=%s/%s value=%s error=\"%s\"",
				  doing, root, row->path, row->value, strerror(-r));
			return r;
		}
	}
	return 0;
}

int sysctl_apply(const char *root, const struct sysctls *sysctls)
{
	int r = for_each(root, sysctls, "writing", write_value);

	return r < 0 ? r : for_each(root, sysctls, "reading back", check_value);
}

void sysctl_stop_forwarding(const char *root)
{
	static const char *const paths[] = { SYSCTL_FORWARD, SYSCTL_FORWARD6 };

	for (size_t i = 0; i < countof(paths); i++) {
		int r = write_value(root, paths[i], "0");

		if (r < 0 && r != -ENOENT)
			log_error("forwarding cannot be stopped path=%s/%s error=\"%s\"", root,
				  paths[i], strerror(-r));
	}
}
