# The simulated gateway's libcharon: the one of the rig guest's charon, with one small patch.
#
# Debian 13's 6.0.1-6+deb13u7 as the second choice of firmware/deps has it (its two fixes keep the
# gateway alive when rekeys collide), and azure.patch: what Azure's gateway does and a stock charon
# cannot be told. All of it is off until strongswan.conf says azure_...; vici, kernel-netlink and the
# crypto plugins stay Debian's own, so what decides their structures is configured as Debian does
# (mediation, both IKE versions). Out: libcharon.so.0 alone.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "${BASH_SOURCE[0]}")/../../../firmware/deps/strongswan-second/recipe.sh"
part=azure-charon
needs=""

build() {
	recipe=$recipe/../../../firmware/deps/strongswan-second unpack_source
	patch -d src -p1 -s <"$recipe/azure.patch"
	# Debian's series touches Makefile.am files: without this, make would ask for another automake
	(cd src && touch aclocal.m4 && sleep 1 && touch configure config.h.in &&
		find . -name Makefile.in -exec touch {} +)
	step "configuring (about 40 s)" env -C src CFLAGS="-O2 -g0" \
		./configure --prefix=/usr --sysconfdir=/etc --libdir=/usr/lib --libexecdir=/usr/lib \
		--disable-defaults --enable-charon --enable-ikev1 --enable-ikev2 --enable-mediation \
		--enable-nonce --enable-random
	step "compiling libstrongswan (about 40 s)" make -s -C src/src/libstrongswan V=0 -j"$(jobs_n)"
	step "compiling libcharon (about 50 s)" make -s -C src/src/libcharon V=0 -j"$(jobs_n)"
	cp src/src/libcharon/.libs/libcharon.so.0.0.0 "$out/libcharon.so.0"
	cp src/LICENSE src/COPYING "$out/"
}
