# The rig guest's kernel: user-mode Linux 6.12 from Debian's kernel source, all built in.
#
# An ordinary program afterwards, that needs neither root nor KVM. rng-seed.patch adds one boot
# argument, so that a run can be repeated bit by bit.
# SPDX-License-Identifier: GPL-2.0-or-later
part=uml-linux
version=6.12

build() {
	local deb
	step "asking the archive for linux-source-6.12" private_apt trixie update
	step "fetching linux-source-6.12 (153 MB)" private_apt trixie -y download linux-source-6.12
	deb=$(ls linux-source-6.12_*.deb)
	step "unpacking" sh -c "dpkg-deb -x $deb x && rm $deb &&
		tar -xf x/usr/src/linux-source-6.12.tar.xz && rm -r x"
	patch -d linux-source-6.12 -p1 -s <"$recipe/rng-seed.patch"
	step "configuring" make -C linux-source-6.12 ARCH=um O="$PWD/b" \
		KCONFIG_ALLCONFIG="$recipe/uml.fragment" allnoconfig
	check_options
	step "compiling the kernel (about 8 min on two cores)" \
		make -C linux-source-6.12 ARCH=um O="$PWD/b" -j"$(jobs_n)" linux
	strip -o "$out/linux.uml" b/linux
	cp b/.config "$out/config"
	"$out/linux.uml" --version >"$out/version" 2>/dev/null
}

check_options() { # every symbol that was asked for must have come
	local line missing=""
	while read -r line; do
		grep -qxF "$line" b/.config || missing="$missing $line"
	done < <(grep '^CONFIG_' "$recipe/uml.fragment")
	[ -z "$missing" ] || die "kernel options that did not come:$missing"
}
