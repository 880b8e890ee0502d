/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fixture.h"

/* A fresh folder, and paths in it. */
struct folder {
	char path[40];
	char inner[80]; /* where output is written */
};

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	strncpy(folder->path, "/tmp/test-output-XXXXXX", sizeof(folder->path) - 1);
	assert_non_null(mkdtemp(folder->path));
	snprintf(folder->inner, sizeof(folder->inner), "%s/out", folder->path);
	*state = folder;
	return 0;
}

/* Removes the files of a folder, then it. */
static void remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[400];

	while (dir && (entry = readdir(dir))) {
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    unlink(name) < 0)
			rmdir(name);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static int drop_folder(void **state)
{
	struct folder *folder = *state;

	remove_folder(folder->inner);
	remove_folder(folder->path);
	free(folder);
	return 0;
}

static size_t count_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

/* The text and the mode of a file. */
static void assert_file(const struct folder *folder, const char *name, const char *text,
			mode_t mode)
{
	char path[120], found[40] = "";
	struct stat st;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder->inner, name);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	file = fopen(path, "r");
	assert_non_null(file);
	found[fread(found, 1, sizeof(found) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(found, text);
}

static void writes_both_files_and_nothing_else(void **state)
{
	const struct folder *folder = *state;
	const char *culprit;

	assert_int_equal(output_write(folder->inner, "config", "secrets", &culprit), 0);
	assert_file(folder, "config.json", "config", 0644);
	assert_file(folder, "secrets.json", "secrets", 0600);
	assert_int_equal(count_entries(folder->inner), 2);
}

static void replaces_what_is_there(void **state)
{
	const struct folder *folder = *state;
	const char *culprit;
	char path[120];
	int fd;

	assert_int_equal(mkdir(folder->inner, 0755), 0);
	/* left by a run that was cut short, and readable by all */
	snprintf(path, sizeof(path), "%s/.secrets.json.new", folder->inner);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(output_write(folder->inner, "one", "two", &culprit), 0);
	assert_int_equal(output_write(folder->inner, "three", "four", &culprit), 0);
	assert_file(folder, "config.json", "three", 0644);
	assert_file(folder, "secrets.json", "four", 0600);
	assert_int_equal(count_entries(folder->inner), 2);
}

static void a_folder_in_the_way_leaves_all_as_it_was(void **state)
{
	static const char *const names[] = { "config.json", "secrets.json" };
	const struct folder *folder = *state;
	const char *culprit;
	char path[120];

	for (size_t i = 0; i < countof(names); i++) {
		assert_int_equal(mkdir(folder->inner, 0755), 0);
		snprintf(path, sizeof(path), "%s/%s", folder->inner, names[i]);
		assert_int_equal(mkdir(path, 0755), 0);
		assert_int_equal(output_write(folder->inner, "config", "secrets", &culprit),
				 -EISDIR);
		assert_string_equal(culprit, names[i]);
		assert_int_equal(count_entries(folder->inner), 1);
		remove_folder(folder->inner);
	}
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
	const struct folder *folder = *state;
	const char *culprit;
	char path[120];

	snprintf(path, sizeof(path), "%s/not/there", folder->path);
	assert_int_equal(output_write(path, "config", "secrets", &culprit), -ENOENT);
	assert_string_equal(culprit, path);
	assert_int_equal(count_entries(folder->path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_both_files_and_nothing_else, make_folder,
						drop_folder),
		cmocka_unit_test_setup_teardown(replaces_what_is_there, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(a_folder_in_the_way_leaves_all_as_it_was,
						make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made_is_named, make_folder,
						drop_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
