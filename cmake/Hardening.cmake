# One interface target carries every warning, hardening and sanitizer flag; each module links it and adds none.
add_library(fs_flags INTERFACE)
target_compile_definitions(fs_flags INTERFACE _GNU_SOURCE)
target_include_directories(fs_flags INTERFACE ${CMAKE_SOURCE_DIR}/include)
target_compile_options(fs_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith
    -Wwrite-strings -Wcast-qual -Wvla -Wswitch-enum -Wnull-dereference -Wdouble-promotion
    -fno-common -fstack-protector-strong -fPIE)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(fs_flags INTERFACE -Wlogical-op -Wduplicated-cond -Wduplicated-branches
                                              -fstack-clash-protection -fcf-protection)
endif()
if(FS_WERROR)
    target_compile_options(fs_flags INTERFACE -Werror)
endif()
if(FS_SANITIZE)
    target_compile_options(fs_flags INTERFACE -fsanitize=${FS_SANITIZE} -fno-omit-frame-pointer
                                              -fno-sanitize-recover=all -g)
    target_link_options(fs_flags INTERFACE -fsanitize=${FS_SANITIZE})
else()
    target_compile_options(fs_flags INTERFACE $<$<CONFIG:Release>:-U_FORTIFY_SOURCE>
                                              $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
endif()
if(FS_FUZZ)
    target_compile_options(fs_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined -g)
    target_link_options(fs_flags INTERFACE -fsanitize=address,undefined)
endif()
if(FS_COVERAGE)
    target_compile_options(fs_flags INTERFACE --coverage -O0 -g)
    target_link_options(fs_flags INTERFACE --coverage)
endif()
target_link_options(fs_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -pie)
