# Jansson: target AtomsJansson::Jansson. (Debian 12 ships no usable CMake package for it.)
find_path(ATOMS_JANSSON_INCLUDE_DIR jansson.h)
find_library(ATOMS_JANSSON_LIBRARY jansson)
mark_as_advanced(ATOMS_JANSSON_INCLUDE_DIR ATOMS_JANSSON_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(AtomsJansson REQUIRED_VARS ATOMS_JANSSON_LIBRARY ATOMS_JANSSON_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "on Debian and Ubuntu: apt-get install libjansson-dev. Or build without files: -DATOMS_FILES=OFF")
if(AtomsJansson_FOUND AND NOT TARGET AtomsJansson::Jansson)
  add_library(AtomsJansson::Jansson INTERFACE IMPORTED)
  set_target_properties(AtomsJansson::Jansson PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${ATOMS_JANSSON_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${ATOMS_JANSSON_LIBRARY}")
endif()
