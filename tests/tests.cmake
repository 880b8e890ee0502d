# How tests are declared.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# A cmocka program. ctest runs it under its own name.
function(fairlead_unit_test)
	cmake_parse_arguments(T "" "NAME" "SOURCES;LINKS" ${ARGN})
	add_executable(${T_NAME} ${T_SOURCES})
	target_link_libraries(${T_NAME} PRIVATE ${T_LINKS} fairlead_warnings deps::cmocka)
	add_test(NAME ${T_NAME} COMMAND ${CMAKE_SOURCE_DIR}/tests/logged ${T_NAME} $<TARGET_FILE:${T_NAME}>
		WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(${T_NAME} PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()

# A fuzz target: libFuzzer under the preset `fuzz`; elsewhere a program that runs the corpus beside
# its source once, as the test fuzz-corpus-<name>.
function(fairlead_fuzz_target)
	cmake_parse_arguments(T "" "NAME" "SOURCES;LINKS" ${ARGN})
	if(FAIRLEAD_FUZZ)
		add_executable(fuzz_${T_NAME} ${T_SOURCES})
		target_link_options(fuzz_${T_NAME} PRIVATE -fsanitize=fuzzer)
	else()
		add_executable(fuzz_${T_NAME} ${T_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/run_corpus.c)
		add_test(NAME fuzz-corpus-${T_NAME}
			COMMAND ${CMAKE_SOURCE_DIR}/tests/logged fuzz-corpus-${T_NAME} $<TARGET_FILE:fuzz_${T_NAME}>
				${CMAKE_CURRENT_SOURCE_DIR}/corpus)
		set_tests_properties(fuzz-corpus-${T_NAME} PROPERTIES TIMEOUT 120 LABELS fuzz)
	endif()
	target_link_libraries(fuzz_${T_NAME} PRIVATE ${T_LINKS} fairlead_warnings)
endfunction()

# A test that is a script: NAME, then its command.
function(fairlead_script_test name)
	add_test(NAME ${name} COMMAND ${CMAKE_SOURCE_DIR}/tests/logged ${name} ${ARGN}
		WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()
