# The rig guest's userland: a Debian 13 unpacked into a folder, nothing of it installed anywhere.
#
# Peers and tools of the beds (stock strongSwan, nftables, tcpdump ...) are Debian's own builds and
# the same on every host. Maintainer scripts do not run; what they would do is mended here.
# SPDX-License-Identifier: GPL-2.0-or-later
part=guest-root
version=13

build() {
	local packages=()
	mkdir -p archives/partial
	mapfile -t packages < <(sed 's/#.*//; /^[[:space:]]*$/d' "$recipe/packages" | awk '{print $1}')
	step "asking the archive for Debian 13" private_apt trixie update
	step "fetching ${#packages[@]} packages and what they need (about 60 MB)" \
		private_apt trixie -y --download-only -o Dir::Cache::archives="$PWD/archives" \
		install "${packages[@]}"
	step "unpacking" unpack_all
	mend
	step "compiling Python's library" compile_python
}

unpack_all() {
	local deb
	for deb in archives/*.deb; do dpkg-deb -x "$deb" "$out"; done
}

mend() {
	mkdir -p "$out"/{mnt,proc,sys,dev,run,tmp,root,job}
	rm -rf "$out/var/run"
	ln -s ../run "$out/var/run" # else charon looks for another charon's pid file elsewhere
	cp "$out/usr/share/base-passwd/passwd.master" "$out/etc/passwd"
	cp "$out/usr/share/base-passwd/group.master" "$out/etc/group"
	[ -e "$out/usr/bin/python3" ] || ln -s python3.13 "$out/usr/bin/python3"
	[ -e "$out/bin" ] || ln -s usr/bin "$out/bin"
	[ -e "$out/sbin" ] || ln -s usr/sbin "$out/sbin"
	[ -e "$out/lib" ] || ln -s usr/lib "$out/lib"
	[ -e "$out/lib64" ] || ln -s usr/lib64 "$out/lib64"
}

compile_python() { # the guest cannot keep what it compiles, and would do it at every start
	local libraries=("$out"/usr/lib/*-linux-gnu)
	PYTHONHOME="$out/usr" "$out"/usr/lib64/ld-linux-*.so.* --library-path "${libraries[0]}" \
		"$out/usr/bin/python3" -m compileall -q -s "$out" -p / \
		--invalidation-mode unchecked-hash "$out"/usr/lib/python3.*
}
