# fs_module(NAME SOURCES … USES … LIBS …): one static library a module.
# USES names modules below it; tests/lint holds the includes to the same table.
function(fs_module name)
    cmake_parse_arguments(M "" "" "SOURCES;USES;LIBS" ${ARGN})
    add_library(fs_${name} STATIC ${M_SOURCES})
    target_include_directories(fs_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(fs_${name} PUBLIC fs_flags PRIVATE ${M_LIBS})
    foreach(used IN LISTS M_USES)
        target_link_libraries(fs_${name} PUBLIC fs_${used})
    endforeach()
endfunction()
