# The configuration's fuzz target; included by the list of all.
add_executable(fuzz_config ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_config.c)
target_link_libraries(fuzz_config PRIVATE fs_flags fs_app)
target_include_directories(fuzz_config PRIVATE ${CMAKE_SOURCE_DIR}/src/app)
target_link_options(fuzz_config PRIVATE -fsanitize=fuzzer)
