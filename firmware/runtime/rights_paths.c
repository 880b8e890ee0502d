/* Files, allowed by table.
 *
 * glibc has no functions for Landlock, and the headers that we build with may be older than the
 * kernel that we run on: numbers are those of linux/landlock.h in Linux 6.12.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/rights_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "runtime/rights_calls.h"

/* struct landlock_ruleset_attr; an older kernel takes it if what it does not know is 0. */
struct denied {
	uint64_t files, tcp, scoped;
};

#define ALL_FILES UINT64_C(0x1fff) /* of version 1: EXECUTE to MAKE_SYM */
#define REFER (UINT64_C(1) << 13)  /* link and rename from one folder into another */
#define TRUNCATE (UINT64_C(1) << 14)
#define DEVICE_IOCTL (UINT64_C(1) << 15)
#define TCP_BIND_AND_CONNECT UINT64_C(3)
#define ABSTRACT_SOCKETS_AND_SIGNALS UINT64_C(3)

/* What each version of Landlock can deny beyond the one before. */
/* clang-format off */
static const struct denied versions[] = {
	{ .files = ALL_FILES },
	{ .files = REFER },
	{ .files = TRUNCATE },
	{ .tcp = TCP_BIND_AND_CONNECT },
	{ .files = DEVICE_IOCTL },
	{ .scoped = ABSTRACT_SOCKETS_AND_SIGNALS },
};
/* clang-format on */

/* What enum rights_may allows, and what of it makes sense for a file. */
static const struct {
	enum rights_may may;
	uint64_t in_folder, of_file;
} allowed[] = {
	{ RIGHTS_MAY_READ, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	  LANDLOCK_ACCESS_FS_READ_FILE },
	{ RIGHTS_MAY_WRITE, LANDLOCK_ACCESS_FS_WRITE_FILE, LANDLOCK_ACCESS_FS_WRITE_FILE },
	{ RIGHTS_MAY_SERVE, LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE, 0 },
	{ RIGHTS_MAY_START, LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE,
	  LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE },
};

/* Returns the kernel's version of Landlock, 0 if it has none, or a negative errno. */
static int find_version(void)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (version < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
	return version > (long)countof(versions) ? (int)countof(versions) : (int)version;
}

static int allow(int ruleset, const char *path, unsigned int may)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr beneath = { .parent_fd = fd };
	struct stat st;

	/* what we cannot reach now needs no permission */
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	for (size_t i = 0; i < countof(allowed); i++)
		if (may & allowed[i].may)
			beneath.allowed_access |=
				S_ISDIR(st.st_mode) ? allowed[i].in_folder : allowed[i].of_file;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0
		       ? -errno
		       : 0;
}

/* Lets the folder that `file` is in be read. */
static int allow_folder(int ruleset, const char *file)
{
	const char *slash = strrchr(file, '/');
	char folder[PATH_MAX];
	size_t len = slash ? (size_t)(slash - file) : 0;

	if (!slash)
		return allow(ruleset, ".", RIGHTS_MAY_READ);
	if (len == 0)
		return allow(ruleset, "/", RIGHTS_MAY_READ);
	if (len >= sizeof(folder))
		return -ENAMETOOLONG;
	memcpy(folder, file, len);
	folder[len] = '\0';
	return allow(ruleset, folder, RIGHTS_MAY_READ);
}

int rights_paths_enter(const struct rights_path *paths, const char *const files[])
{
	struct denied denied = { 0 };
	_cleanup_close_ int ruleset = -1;
	int version = find_version(), rc = 0;

	if (version == 0)
		log_warn(
			"this kernel has no Landlock: files are guarded by owners and modes alone");
	if (version <= 0)
		return version;
	for (int i = 0; i < version; i++) {
		denied.files |= versions[i].files;
		denied.tcp |= versions[i].tcp;
		denied.scoped |= versions[i].scoped;
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &denied, sizeof(denied), 0);
	if (ruleset < 0)
		return -errno;
	for (const struct rights_path *row = paths; rc == 0 && row && row->why; row++)
		rc = allow(ruleset, row->path, row->may);
	for (; rc == 0 && *files; files++)
		rc = allow_folder(ruleset, *files);
	if (rc == 0 && RIGHTS_IS_SANITIZED) /* the leak check looks for threads */
		rc = allow(ruleset, "/proc/self", RIGHTS_MAY_READ);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		rc = -errno;
	return rc;
}
