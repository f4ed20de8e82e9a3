# Libzip: target AtomsLibzip::Libzip. (Debian 12 ships no usable CMake package for it.)
find_path(ATOMS_LIBZIP_INCLUDE_DIR zip.h)
find_library(ATOMS_LIBZIP_LIBRARY zip)
mark_as_advanced(ATOMS_LIBZIP_INCLUDE_DIR ATOMS_LIBZIP_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(AtomsLibzip REQUIRED_VARS ATOMS_LIBZIP_LIBRARY ATOMS_LIBZIP_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "on Debian and Ubuntu: apt-get install libzip-dev. Or build without files: -DATOMS_FILES=OFF")
if(AtomsLibzip_FOUND AND NOT TARGET AtomsLibzip::Libzip)
  add_library(AtomsLibzip::Libzip INTERFACE IMPORTED)
  set_target_properties(AtomsLibzip::Libzip PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${ATOMS_LIBZIP_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${ATOMS_LIBZIP_LIBRARY}")
endif()
