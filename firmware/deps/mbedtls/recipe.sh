# Mbed TLS 3.6 LTS: the only crypto of the device, also underneath strongSwan.
# Debian's 3.6.7-3; its rules switch "efficient unaligned access" off by a compiler flag, so do we.
# SPDX-License-Identifier: GPL-2.0-or-later
part=mbedtls
version=3.6.7

build() {
	local orig debian
	orig=$(fetch a7e8bcbec0e6f761b4af24f25677626b35f762f68eef79c08677a363212d11f6 \
		main:pool/main/m/mbedtls/mbedtls_3.6.7.orig.tar.bz2 \
		security:pool/updates/main/m/mbedtls/mbedtls_3.6.7.orig.tar.bz2)
	debian=$(fetch 87d9007e48fdbc49e207da375b7811b13d23312cd7c412952cc9dc7a19d4c833 \
		main:pool/main/m/mbedtls/mbedtls_3.6.7-3.debian.tar.xz \
		security:pool/updates/main/m/mbedtls/mbedtls_3.6.7-3.debian.tar.xz)
	unpack_debian src "$orig" "$debian"
	# appended, so that whoever includes the library's headers gets the same settings
	cat "$recipe/fairlead_mbedtls.h" >>src/include/mbedtls/mbedtls_config.h
	step "configuring" cmake -S src -B b -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$out" \
		-DCMAKE_C_FLAGS_RELEASE="-O2 -g0 -ffunction-sections -fdata-sections -fstack-protector-strong \
-fPIC -DMBEDTLS_ALIGNMENT_DISABLE_EFFICENT_UNALIGNED_ACCESS" \
		-DCMAKE_INSTALL_LIBDIR=lib -DENABLE_TESTING=OFF -DENABLE_PROGRAMS=OFF -DGEN_FILES=OFF \
		-DUSE_STATIC_MBEDTLS_LIBRARY=ON -DUSE_SHARED_MBEDTLS_LIBRARY=OFF
	step "compiling (about 20 s)" make -C b -j"$(jobs_n)" install
}
