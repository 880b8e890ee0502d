/* crypto-vectors: strongSwan's own test vectors over every algorithm that the
 * provider registers.
 *
 *   crypto_vectors                the test; exit status 0 when every algorithm passed
 *   crypto_vectors --broken NAME  the same with one algorithm broken on purpose; exit status 3 when
 *                                 that one, and no other, was rejected
 *   crypto_vectors --list-broken  the names for --broken
 *
 * libstrongswan's crypto_test.on_add makes its factory run the vectors before
 * it takes an algorithm. A rejection is no failure to it, not even of a
 * critical feature: the algorithm is just not there. So its decisions are read
 * from its log lines and compared with the table below, in both directions: an
 * algorithm that is rejected, that is missing or has lost its vectors, and one
 * that the table does not know fail the test.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <library.h>
#include <plugins/plugin.h>

#include "crypto/crypto.h"
#include "sabotage.h"

enum { PASSED = 0, FAILED_TEST = 1, USAGE = 2, CAUGHT = 3 };

/* clang-format off: one row a line */
/* In the order of registration; the algorithms' names are libstrongswan's. The
 * number of vectors is strongSwan 6.1.0's and may grow. */
static const struct row {
	const char *algorithm;
	unsigned int key_bits; /* 0 when the algorithm has one size only */
	unsigned int n_vectors;
} rows[] = {
	{ "RNG_WEAK", 0, 3 },	       { "RNG_STRONG", 0, 3 },	      { "HASH_MD5", 0, 7 },
	{ "HASH_SHA1", 0, 4 },	       { "HASH_SHA2_224", 0, 3 },     { "HASH_SHA2_256", 0, 3 },
	{ "HASH_SHA2_384", 0, 3 },     { "HASH_SHA2_512", 0, 3 },     { "PRF_HMAC_MD5", 0, 6 },
	{ "PRF_HMAC_SHA1", 0, 6 },     { "PRF_HMAC_SHA2_256", 0, 5 }, { "PRF_HMAC_SHA2_384", 0, 5 },
	{ "PRF_HMAC_SHA2_512", 0, 5 }, { "HMAC_MD5_96", 0, 2 },	      { "HMAC_SHA1_96", 0, 2 },
	{ "HMAC_SHA2_256_128", 0, 3 }, { "HMAC_SHA2_384_192", 0, 3 }, { "HMAC_SHA2_512_256", 0, 3 },
	{ "3DES_CBC", 192, 2 },	       { "AES_CBC", 128, 4 },	      { "AES_CBC", 192, 1 },
	{ "AES_CBC", 256, 1 },	       { "AES_GCM_16", 128, 5 },      { "AES_GCM_16", 192, 5 },
	{ "AES_GCM_16", 256, 5 },      { "AES_GCM_12", 128, 1 },      { "AES_GCM_12", 192, 1 },
	{ "AES_GCM_12", 256, 1 },      { "AES_GCM_8", 128, 1 },	      { "AES_GCM_8", 192, 1 },
	{ "AES_GCM_8", 256, 1 },       { "ECP_256", 0, 1 },	      { "ECP_384", 0, 1 },
	{ "ECP_521", 0, 1 },	       { "CURVE_25519", 0, 2 },	      { "MODP_768", 0, 1 },
	{ "MODP_1024", 0, 1 },	       { "MODP_1536", 0, 1 },	      { "MODP_2048", 0, 1 },
	{ "MODP_3072", 0, 1 },	       { "MODP_4096", 0, 1 },	      { "MODP_2048_256", 0, 1 },
};
/* clang-format on */

/* Not the provider's, but made of its PRFs. */
static const struct row kdf_rows[] = {
	{ "KDF_PRF", 0, 6 },
	{ "KDF_PRF_PLUS", 0, 7 },
};

/* One decision of the factory. */
struct decision {
	char algorithm[32];
	char plugin[32];
	bool is_rejected;
	bool is_used; /* some row claimed it */
	unsigned int n_vectors;
};

static struct {
	struct decision list[128];
	size_t n;
} decisions;

static struct {
	unsigned int n_passed, n_vectors, n_rejected, n_missing, n_unlisted;
} sum;

/* From the lines of crypto_tester.c: "enabled  NAME[PLUGIN]: passed N test
 * vectors", "disabled NAME[PLUGIN]: VECTOR test vector failed" and their
 * relatives. */
static void note_decision(const char *line)
{
	struct decision d = {};
	char verdict[16];
	int end = 0;

	if (sscanf(line, "%15s %31[^[][%31[^]]]: %n", verdict, d.algorithm, d.plugin, &end) != 3)
		return;
	if (strcmp(verdict, "enabled") != 0 && strncmp(verdict, "disable", 7) != 0)
		return;
	d.is_rejected = strcmp(verdict, "enabled") != 0;
	if (!d.is_rejected && sscanf(line + end, "passed %u test vectors", &d.n_vectors) != 1)
		d.n_vectors = 0;
	if (decisions.n < countof(decisions.list))
		decisions.list[decisions.n++] = d;
}

static void read_log(debug_t group, level_t level, char *format, ...)
{
	char line[256];
	va_list args;

	(void)group;
	if (level > LEVEL_CTRL)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	note_decision(line);
}

/* The next decision on an algorithm that no row has claimed: sizes come in the
 * table's order. */
static struct decision *claim(const char *algorithm, const char *plugin)
{
	for (size_t i = 0; i < decisions.n; i++) {
		struct decision *d = &decisions.list[i];

		if (!d->is_used && strcmp(d->algorithm, algorithm) == 0 &&
		    strcmp(d->plugin, plugin) == 0) {
			d->is_used = true;
			return d;
		}
	}
	return NULL;
}

static void judge(const struct row *row, const char *plugin, const struct sabotage *broken,
		  bool *ret_is_caught)
{
	const struct decision *d = claim(row->algorithm, plugin);
	char size[16] = "";

	if (row->key_bits)
		snprintf(size, sizeof(size), "-%u", row->key_bits);
	if (!d) {
		sum.n_missing++;
		printf("MISSING   %s%s\n", row->algorithm, size);
	} else if (d->is_rejected) {
		sum.n_rejected++;
		printf("REJECTED  %s%s\n", row->algorithm, size);
		if (broken && strcmp(broken->algorithm, row->algorithm) == 0 &&
		    broken->key_bits == row->key_bits)
			*ret_is_caught = true;
	} else if (d->n_vectors < row->n_vectors) {
		sum.n_missing++;
		printf("MISSING   %s%s: has no vectors or lost some: %u of %u\n", row->algorithm,
		       size, d->n_vectors, row->n_vectors);
	} else {
		sum.n_passed++;
		sum.n_vectors += d->n_vectors;
		printf("passed    %s%s: %u vectors\n", row->algorithm, size, d->n_vectors);
	}
}

/* Of other plugins, only rejections count. */
static void judge_unclaimed(void)
{
	for (size_t i = 0; i < decisions.n; i++) {
		const struct decision *d = &decisions.list[i];

		if (d->is_used || (strcmp(d->plugin, "fairlead-crypto") != 0 && !d->is_rejected))
			continue;
		sum.n_unlisted++;
		printf("UNLISTED  %s of %s%s\n", d->algorithm, d->plugin,
		       d->is_rejected ? ", rejected" : "");
	}
}

static int judge_all(bool is_loaded, const struct sabotage *broken)
{
	bool is_caught = false;

	for (size_t i = 0; i < countof(rows); i++)
		judge(&rows[i], "fairlead-crypto", broken, &is_caught);
	for (size_t i = 0; i < countof(kdf_rows); i++)
		judge(&kdf_rows[i], "kdf", broken, &is_caught);
	judge_unclaimed();
	printf("%u of %zu algorithms passed %u vectors; rejected %u, missing %u, unlisted %u; %s\n",
	       sum.n_passed, countof(rows) + countof(kdf_rows), sum.n_vectors, sum.n_rejected,
	       sum.n_missing, sum.n_unlisted,
	       is_loaded ? "plugins loaded" : "loading the plugins failed");
	if (!is_loaded || sum.n_missing || sum.n_unlisted)
		return FAILED_TEST;
	if (broken)
		return is_caught && sum.n_rejected == 1 ? CAUGHT : FAILED_TEST;
	return sum.n_rejected == 0 ? PASSED : FAILED_TEST;
}

plugin_t *test_vectors_plugin_create(void);

/* Settings are read inside library_init(), so they come as a file. */
static int run(const struct sabotage *broken)
{
	static const char settings[] = "crypto-vectors { crypto_test { on_add = yes\n } }\n";
	char path[32];
	plugin_t *vectors;
	bool is_loaded;
	int fd = memfd_create("settings", MFD_CLOEXEC);

	if (fd < 0 || write(fd, settings, sizeof(settings) - 1) != (ssize_t)sizeof(settings) - 1)
		return FAILED_TEST;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	dbg = read_log;
	if (!library_init(path, "crypto-vectors"))
		return FAILED_TEST;
	close(fd);
	vectors = test_vectors_plugin_create();
	crypto_register();
	is_loaded = lib->plugins->load(lib->plugins, "kdf");
	lib->plugins->unload(lib->plugins);
	vectors->destroy(vectors);
	library_deinit();
	return judge_all(is_loaded, broken);
}

int main(int argc, char **argv)
{
	const struct sabotage *broken = NULL;

	if (argc == 2 && strcmp(argv[1], "--list-broken") == 0) {
		for (size_t i = 0; (broken = sabotage_get(i)); i++)
			printf("%s\n", broken->name);
		return PASSED;
	}
	if (argc == 3 && strcmp(argv[1], "--broken") == 0)
		broken = sabotage_choose(argv[2]);
	if (argc != 1 && !broken) {
		fprintf(stderr, "usage: %s [--broken NAME | --list-broken]\n", argv[0]);
		return USAGE;
	}
	printf("%s\n", crypto_version());
	if (broken)
		printf("broken on purpose: %s, %s\n", broken->algorithm, broken->what);
	return run(broken);
}
