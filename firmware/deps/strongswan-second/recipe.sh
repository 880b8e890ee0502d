# strongSwan, second choice: Debian 13's 6.0.1-6+deb13u7, for test builds when 6.1.0 cannot be had.
#
# Built as the first choice is, with two fixes of 6.1.0 that Debian's series lacks, both in
# child_rekey.c: a child SA that a peer rekeys twice no longer leaves a dangling pointer, and a task
# that moves to another IKE SA forgets the array that it has freed.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "${BASH_SOURCE[0]}")/../strongswan/recipe.sh"
part=strongswan-second
version=6.0.1
needs=""

unpack_source() {
	local orig debian
	orig=$(fetch 212368cbc674fed31f3292210303fff06da8b90acad2d1387375ed855e6879c4 \
		security:pool/updates/main/s/strongswan/strongswan_6.0.1.orig.tar.bz2 \
		main:pool/main/s/strongswan/strongswan_6.0.1.orig.tar.bz2)
	debian=$(fetch 1a07f23da2ee47b2ce48264a4682c2fec97b757ddd9a12f6ce5c62106741826b \
		security:pool/updates/main/s/strongswan/strongswan_6.0.1-6+deb13u7.debian.tar.xz \
		main:pool/main/s/strongswan/strongswan_6.0.1-6+deb13u7.debian.tar.xz)
	unpack_debian src "$orig" "$debian"
	python3 "$recipe/fix_child_rekey.py" src/src/libcharon/sa/ikev2/tasks/child_rekey.c >>"$log"
}
