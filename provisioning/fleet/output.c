/* Two files that appear together or not at all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

struct output {
	const char *name;
	const char *temporary; /* in the same folder, so that the rename is atomic */
	const char *saved;     /* second name of what is there */
	mode_t mode;
	const char *text;
	bool is_made;	  /* the temporary one is there */
	bool is_saved;	  /* the second name is there */
	bool is_replaced; /* the name means the new one */
};

static int write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* A temporary file that a run which was cut short left behind is in nobody's way. */
static int make_temporary(int dir, struct output *output)
{
	_cleanup_close_ int fd = -1;

	if (unlinkat(dir, output->temporary, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    output->mode);
	if (fd < 0)
		return -errno;
	output->is_made = true;
	return write_all(fd, output->text);
}

/* What a rename could not replace must be seen before the first of the two. */
static int check_target(int dir, struct output *output)
{
	struct stat st;

	if (fstatat(dir, output->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	return S_ISDIR(st.st_mode) ? -EISDIR : 0;
}

/* What is there keeps a second name until both are replaced. */
static int save(int dir, struct output *output)
{
	if (unlinkat(dir, output->saved, 0) < 0 && errno != ENOENT)
		return -errno;
	if (linkat(dir, output->name, dir, output->saved, 0) == 0)
		output->is_saved = true;
	else if (errno != ENOENT)
		return -errno;
	return 0;
}

static int replace(int dir, struct output *output)
{
	if (renameat(dir, output->temporary, dir, output->name) < 0)
		return -errno;
	output->is_made = false;
	output->is_replaced = true;
	return 0;
}

/* After a failure everything is as it was; after success no second name is left. */
static void settle(int dir, struct output *output, bool is_failed)
{
	if (output->is_made)
		unlinkat(dir, output->temporary, 0);
	if (is_failed && output->is_replaced && output->is_saved)
		output->is_saved = renameat(dir, output->saved, dir, output->name) < 0;
	else if (is_failed && output->is_replaced)
		unlinkat(dir, output->name, 0);
	if (output->is_saved)
		unlinkat(dir, output->saved, 0);
}

static int for_each(int (*step)(int dir, struct output *output), int dir, struct output *outputs,
		    size_t n, const char **ret_culprit)
{
	for (size_t i = 0; i < n; i++) {
		int r = step(dir, &outputs[i]);

		if (r < 0) {
			*ret_culprit = outputs[i].name;
			return r;
		}
	}
	return 0;
}

int output_write(const char *dir_path, const char *config, const char *secrets,
		 const char **ret_culprit)
{
	/* the configuration last: where it is, its key is */
	struct output outputs[] = {
		{ .name = OUTPUT_SECRETS,
		  .temporary = "." OUTPUT_SECRETS ".new",
		  .saved = "." OUTPUT_SECRETS ".old",
		  .mode = 0600,
		  .text = secrets },
		{ .name = OUTPUT_CONFIG,
		  .temporary = "." OUTPUT_CONFIG ".new",
		  .saved = "." OUTPUT_CONFIG ".old",
		  .mode = 0644,
		  .text = config },
	};
	static int (*const steps[])(
		int dir, struct output *output) = { check_target, make_temporary, save, replace };
	_cleanup_close_ int dir = -1;
	bool is_new = mkdir(dir_path, 0755) == 0;
	int r = 0;

	dir = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		r = -errno;
		*ret_culprit = dir_path;
		return r;
	}
	for (size_t i = 0; i < countof(steps) && r == 0; i++)
		r = for_each(steps[i], dir, outputs, countof(outputs), ret_culprit);
	for (size_t i = 0; i < countof(outputs); i++)
		settle(dir, &outputs[i], r < 0);
	(void)!fsync(dir); /* both are whole either way; this only hurries the disk */
	if (r < 0 && is_new)
		rmdir(dir_path);
	return r;
}
