/* Reading a configuration file: what is read, and what is not trusted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/device.h"
#include "tests/unit/rows.h"

struct folder {
	char path[64];
	char file[96];
	char link[96];
};

static int make_folder(void **state)
{
	static struct folder folder;

	snprintf(folder.path, sizeof(folder.path), "/tmp/fairlead-file-XXXXXX");
	if (!mkdtemp(folder.path))
		return -1;
	snprintf(folder.file, sizeof(folder.file), "%s/file", folder.path);
	snprintf(folder.link, sizeof(folder.link), "%s/link", folder.path);
	*state = &folder;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;

	unlink(folder->file);
	unlink(folder->link);
	return rmdir(folder->path);
}

static void write_file(const struct folder *folder, size_t len, mode_t mode)
{
	FILE *file;

	unlink(folder->file);
	file = fopen(folder->file, "w");
	assert_non_null(file);
	for (size_t i = 0; i < len; i++)
		fputc('a' + (int)(i % 26), file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(folder->file, mode), 0);
}

static void reads_a_file_of_any_length_up_to_the_bound(void **state)
{
	static const size_t lengths[] = { 0, 1, 4095, 4096, 4097, 10000 };
	const struct folder *folder = *state;
	size_t len = 0;
	char *text;

	for (size_t i = 0; i < countof(lengths); i++) {
		write_file(folder, lengths[i], 0644);
		assert_int_equal(config_read_file(folder->file, 10000, false, &text, &len), 0);
		assert_int_equal(len, lengths[i]);
		assert_int_equal(strlen(text), lengths[i]);
		free(text);
	}
}

static void a_file_over_the_bound_is_not_read(void **state)
{
	const struct folder *folder = *state;
	char *text = NULL;
	size_t len = 7;

	write_file(folder, 101, 0644);
	assert_int_equal(config_read_file(folder->file, 100, false, &text, &len), -EFBIG);
	assert_null(text);
	assert_int_equal(len, 7);
	/* what has no size is bounded too */
	assert_int_equal(config_read_file("/dev/zero", 100, false, &text, &len), -EFBIG);
	assert_int_equal(config_read_file("/dev/zero", 100000, false, &text, &len), -EFBIG);
}

static void a_pipe_is_read_to_its_end(void **state)
{
	const size_t expected = 50000; /* less than a pipe holds */
	char path[32], *text;
	size_t len;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	for (size_t i = 0; i < expected; i += 100) {
		char block[100];

		memset(block, 'x', sizeof(block));
		assert_int_equal(write(fds[1], block, sizeof(block)), sizeof(block));
	}
	close(fds[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	assert_int_equal(config_read_file(path, 60000, false, &text, &len), 0);
	assert_int_equal(len, expected);
	assert_int_equal(strlen(text), expected);
	free(text);
	close(fds[0]);
}

static void what_is_no_file_is_an_error(void **state)
{
	const struct folder *folder = *state;
	char *text;
	size_t len;

	unlink(folder->file);
	assert_int_equal(config_read_file(folder->file, 100, false, &text, &len), -ENOENT);
	assert_int_equal(config_read_file(folder->file, 100, true, &text, &len), -ENOENT);
	assert_int_equal(config_read_file(folder->path, 100, false, &text, &len), -EISDIR);
	assert_int_equal(config_read_file(folder->path, 100, true, &text, &len), -EPERM);
}

static void a_pipe_is_never_trusted_nor_waited_for(void **state)
{
	const struct folder *folder = *state;
	char *text;
	size_t len;

	unlink(folder->file);
	assert_int_equal(mkfifo(folder->file, 0600), 0);
	assert_int_equal(config_read_file(folder->file, 100, true, &text, &len), -EPERM);
}

static const struct trust_row {
	const char *name;
	uid_t owner;
	mode_t mode;
	int expected;
} trust_rows[] = {
	{ "root's own file is trusted", 0, 0600, 0 },
	{ "others may read it", 0, 0644, 0 },
	{ "a file that its group may write is not", 0, 0664, -EPERM },
	{ "a file that others may write is not", 0, 0646, -EPERM },
	{ "a file of somebody else is not", 65534, 0644, -EPERM },
};

static void trusts(void **state)
{
	const struct trust_row *row = *state;
	void *folder_state = NULL;
	struct folder *folder;
	char *text = NULL;
	size_t len;
	int r, r_by_link;

	if (geteuid() != 0)
		skip(); /* only root can make files of root and of somebody else */
	assert_int_equal(make_folder(&folder_state), 0);
	folder = folder_state;
	write_file(folder, 10, row->mode);
	assert_int_equal(chown(folder->file, row->owner, 0), 0);
	r = config_read_file(folder->file, 100, true, &text, &len);
	free(text);
	text = NULL;
	/* a link is followed: what counts is the file */
	assert_int_equal(symlink(folder->file, folder->link), 0);
	r_by_link = config_read_file(folder->link, 100, true, &text, &len);
	free(text);
	assert_int_equal(remove_folder(&folder_state), 0);
	assert_int_equal(r, row->expected);
	assert_int_equal(r_by_link, row->expected);
}

/* Without root's rights, a file of one's own is somebody else's. */
static void a_users_own_file_is_not_trusted(void **state)
{
	const struct folder *folder = *state;
	char *text;
	size_t len;

	if (geteuid() == 0)
		skip();
	write_file(folder, 10, 0600);
	assert_int_equal(config_read_file(folder->file, 100, true, &text, &len), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_file_of_any_length_up_to_the_bound),
		cmocka_unit_test(a_file_over_the_bound_is_not_read),
		cmocka_unit_test(a_pipe_is_read_to_its_end),
		cmocka_unit_test(what_is_no_file_is_an_error),
		cmocka_unit_test(a_pipe_is_never_trusted_nor_waited_for),
		cmocka_unit_test(a_users_own_file_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder) +
	       RUN_ROWS(trust_rows, trusts);
}
