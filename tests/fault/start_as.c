/* Starts a program as a supervisor starts fairlead-xfrmd: as its user, with exactly the two ambient
 * capabilities of board/common/system.json.
 *
 *   start_as UID GID GROUP PROGRAM ARGUMENT...
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <sys/capability.h>

static const cap_value_t kept[] = { CAP_NET_ADMIN, CAP_NET_BIND_SERVICE };

static void keep_capabilities(void)
{
	cap_t caps = cap_init();

	for (int set = CAP_EFFECTIVE; caps && set <= CAP_INHERITABLE; set++)
		cap_set_flag(caps, (cap_flag_t)set, 2, kept, CAP_SET);
	if (!caps || cap_set_proc(caps) < 0 || cap_set_ambient(kept[0], CAP_SET) < 0 ||
	    cap_set_ambient(kept[1], CAP_SET) < 0) {
		perror("start_as: capabilities");
		exit(121);
	}
	cap_free(caps);
}

int main(int argc, char **argv)
{
	gid_t gid, group;
	uid_t uid;

	if (argc < 5)
		return 121;
	uid = (uid_t)strtoul(argv[1], NULL, 10);
	gid = (gid_t)strtoul(argv[2], NULL, 10);
	group = (gid_t)strtoul(argv[3], NULL, 10);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(1, &group) < 0 ||
	    setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0) {
		perror("start_as: user");
		return 121;
	}
	keep_capabilities();
	execv(argv[4], argv + 4);
	perror("start_as: execv");
	return 121;
}
