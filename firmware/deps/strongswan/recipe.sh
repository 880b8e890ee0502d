# strongSwan: libcharon and libstrongswan for iked, static, with no crypto of its own.
#
# Debian's patched source 6.1.0-2. Out: headers of this very build (config.h decides what they
# declare), two static libraries, the read-only half of vici, and the sources of the test vectors.
# No libtls, no EAP, no IKEv1, no socket and no kernel plugin: those are ours.
# SPDX-License-Identifier: GPL-2.0-or-later
part=strongswan
version=6.1.0

unpack_source() {
	local orig debian
	orig=$(fetch fe6c97481298767213cfc2e9a1da29fdd8018d481ff4cb9cf0283099654f20d4 \
		main:pool/main/s/strongswan/strongswan_6.1.0.orig.tar.bz2 \
		security:pool/updates/main/s/strongswan/strongswan_6.1.0.orig.tar.bz2)
	debian=$(fetch 5713973345bb0ac7db08edf745fdcca09282dd1f28f06110004a8abfca103de7 \
		main:pool/main/s/strongswan/strongswan_6.1.0-2.debian.tar.xz \
		security:pool/updates/main/s/strongswan/strongswan_6.1.0-2.debian.tar.xz)
	unpack_debian src "$orig" "$debian"
}

build() {
	unpack_source
	# Debian's series touches Makefile.am files: without this, make would ask for automake 1.18
	(cd src && touch aclocal.m4 && sleep 1 && touch configure config.h.in &&
		find . -name Makefile.in -exec touch {} +)
	step "configuring (about 40 s)" env -C src \
		CFLAGS="-Os -g0 -DDEBUG_LEVEL=1 -ffunction-sections -fdata-sections \
-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fPIC" \
		./configure --prefix=/usr --sysconfdir=/etc --libdir=/usr/lib --with-capabilities=native \
		--disable-defaults --enable-charon --enable-ikev2 --enable-nonce --enable-random --enable-kdf \
		--enable-x509 --enable-pubkey --enable-pem --enable-pkcs1 --enable-pkcs8 \
		--enable-constraints --enable-revocation --enable-monolithic --enable-static --disable-shared
	step "compiling libstrongswan (about 40 s)" make -s -C src/src/libstrongswan V=0 -j"$(jobs_n)"
	step "compiling libcharon (about 30 s)" make -s -C src/src/libcharon V=0 -j"$(jobs_n)"
	install_headers
	build_vici_query
	mkdir -p "$out/src"
	cp -r src/src/libstrongswan/plugins/test_vectors "$out/src/"
	cp src/LICENSE src/COPYING "$out/"
}

install_headers() {
	mkdir -p "$out/include" "$out/lib"
	cp src/config.h "$out/include/strongswan_config.h"
	(cd src/src/libstrongswan && find . -name '*.h' | cpio -pdm --quiet "$out/include/libstrongswan")
	(cd src/src/libcharon && find . -name '*.h' | cpio -pdm --quiet "$out/include/libcharon")
	cp -r src/src/include "$out/include/system"
	cp src/src/libstrongswan/.libs/libstrongswan.a src/src/libcharon/.libs/libcharon.a "$out/lib/"
}

# vici's dispatcher and query part alone; the plugin, which can load and terminate, is not built
build_vici_query() {
	local f objects=""
	for f in dispatcher query socket message builder cert_info; do
		"${CC:-cc}" -Os -g0 -DDEBUG_LEVEL=1 -fPIC -ffunction-sections -fdata-sections \
			-fstack-protector-strong -w -include src/config.h -Isrc/src/include \
			-Isrc/src/libstrongswan -Isrc/src/libcharon \
			-Isrc/src/libcharon/plugins/counters -c \
			"src/src/libcharon/plugins/vici/vici_$f.c" -o "vici_$f.o" >>"$log" 2>&1
		objects="$objects vici_$f.o"
	done
	ar rcs "$out/lib/libvici_query.a" $objects
}
