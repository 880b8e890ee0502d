/* Runs a fuzz target over the files of its corpus, once each: the plain test of the corpus.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *dir, const char *name)
{
	char path[4096];
	uint8_t *data = NULL;
	size_t size;
	long end;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "rb");
	if (!file || fseek(file, 0, SEEK_END) || (end = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET)) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(2);
	}
	/* exactly as large as the input, so that a read past its end is seen */
	data = malloc(end > 0 ? (size_t)end : 1);
	size = data ? fread(data, 1, (size_t)end, file) : 0;
	fclose(file);
	if (!data || size != (size_t)end)
		exit(2);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	unsigned int n = 0;
	DIR *dir;

	if (argc != 2 || !(dir = opendir(argv[1]))) {
		fprintf(stderr, "usage: %s CORPUS_DIR\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			n += (unsigned int)run_file(argv[1], entry->d_name);
	closedir(dir);
	printf("%u inputs\n", n);
	return n == 0; /* an empty corpus proves nothing */
}
