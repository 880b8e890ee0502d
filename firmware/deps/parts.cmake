# Third-party parts as imported targets, deps::<name>, their headers as system headers.
#
# Debian's -dev packages through pkg-config; the parts built from source through firmware/deps/get,
# which builds each once into a cache outside the tree.
#
# SPDX-License-Identifier: GPL-2.0-or-later
find_package(PkgConfig REQUIRED)

foreach(pair mnl:libmnl jansson:jansson seccomp:libseccomp cap:libcap cmocka:cmocka)
	string(REPLACE ":" ";" pair ${pair})
	list(GET pair 0 name)
	list(GET pair 1 module)
	pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
	add_library(deps_${name} INTERFACE)
	target_link_libraries(deps_${name} INTERFACE PkgConfig::${name})
	add_library(deps::${name} ALIAS deps_${name})
endforeach()

# Where a source-built part lies; builds it when the cache has none. With OPTIONAL, an empty result
# instead of an error.
function(fairlead_part name ret_prefix)
	cmake_parse_arguments(P "OPTIONAL" "" "" ${ARGN})
	execute_process(
		COMMAND ${CMAKE_SOURCE_DIR}/firmware/deps/get ${CMAKE_SOURCE_DIR}/firmware/deps/${name}
		OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
	if(failed AND P_OPTIONAL)
		set(prefix "")
	elseif(failed)
		message(FATAL_ERROR "the part ${name} could not be built")
	endif()
	set(${ret_prefix} ${prefix} PARENT_SCOPE)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
		${CMAKE_SOURCE_DIR}/firmware/deps/${name}/recipe.sh)
endfunction()

fairlead_part(mbedtls mbedtls_prefix)
find_package(Threads REQUIRED)
foreach(name mbedcrypto mbedx509 mbedtls)
	add_library(deps::${name} STATIC IMPORTED)
	set_target_properties(deps::${name} PROPERTIES
		IMPORTED_LOCATION ${mbedtls_prefix}/lib/lib${name}.a
		INTERFACE_INCLUDE_DIRECTORIES ${mbedtls_prefix}/include)
endforeach()
target_link_libraries(deps::mbedcrypto INTERFACE Threads::Threads)
target_link_libraries(deps::mbedx509 INTERFACE deps::mbedcrypto)
target_link_libraries(deps::mbedtls INTERFACE deps::mbedx509)

fairlead_part(strongswan strongswan_prefix OPTIONAL)
if(NOT strongswan_prefix)
	if(FAIRLEAD_IMAGE)
		message(FATAL_ERROR "strongSwan 6.1.0 cannot be had, and an image takes no other")
	endif()
	message(WARNING "strongSwan 6.1.0 CANNOT BE HAD. This TEST build takes the second choice, 6.0.1.")
	fairlead_part(strongswan-second strongswan_prefix)
endif()

# Headers need the config.h of the very build that is linked, and its debug level. Archives are
# linked whole: their plugins are found through ELF constructors.
foreach(name libstrongswan libcharon)
	add_library(deps_${name} INTERFACE)
	add_library(deps::${name} ALIAS deps_${name})
	target_compile_options(deps_${name} INTERFACE
		-include ${strongswan_prefix}/include/strongswan_config.h)
	target_include_directories(deps_${name} SYSTEM INTERFACE
		${strongswan_prefix}/include/${name} ${strongswan_prefix}/include/system)
	target_compile_definitions(deps_${name} INTERFACE DEBUG_LEVEL=1)
	target_link_options(deps_${name} INTERFACE
		LINKER:--whole-archive,${strongswan_prefix}/lib/${name}.a,--no-whole-archive)
endforeach()
target_link_libraries(deps_libstrongswan INTERFACE m dl Threads::Threads)
target_link_libraries(deps_libcharon INTERFACE deps_libstrongswan)
set(strongswan_test_vectors ${strongswan_prefix}/src/test_vectors)

add_library(deps::vici_query STATIC IMPORTED)
set_target_properties(deps::vici_query PROPERTIES
	IMPORTED_LOCATION ${strongswan_prefix}/lib/libvici_query.a)
