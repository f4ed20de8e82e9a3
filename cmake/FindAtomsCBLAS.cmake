# A CBLAS that links: target AtomsCBLAS::CBLAS. Candidates in order: what ATOMS_CBLAS_LIBRARIES names, then OpenBLAS, then the system's
# blas (which Debian's alternatives point at any implementation), then cblas beside blas. Each is link-tested with the calls that the gate makes.
include(CheckSourceCompiles)
include(CMakePushCheckState)

get_property(_language GLOBAL PROPERTY ENABLED_LANGUAGES) # a consumer of the installed package may have C++ only
if("C" IN_LIST _language)
  set(_language C)
else()
  set(_language CXX)
endif()

find_path(ATOMS_CBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas cblas)
set(_test "#include <cblas.h>
int main(void) { double x = 1; float y = 1; cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, 1, 1, 1, 1.0f, &y, 1, &y, 1, 0.0f, &y, 1); return (int)cblas_ddot(1, &x, 1, &x, 1); }")

function(_atoms_try_cblas name libraries)
  if(ATOMS_CBLAS_FOUND_LIBRARIES OR NOT libraries OR NOT ATOMS_CBLAS_INCLUDE_DIR)
    return()
  endif()
  cmake_push_check_state(RESET)
  set(CMAKE_REQUIRED_QUIET ON)
  set(CMAKE_REQUIRED_INCLUDES ${ATOMS_CBLAS_INCLUDE_DIR})
  set(CMAKE_REQUIRED_LIBRARIES ${libraries} m)
  check_source_compiles(${_language} "${_test}" ATOMS_CBLAS_LINKS_${name})
  cmake_pop_check_state()
  if(ATOMS_CBLAS_LINKS_${name})
    set(ATOMS_CBLAS_FOUND_LIBRARIES "${libraries}" CACHE STRING "The CBLAS in use" FORCE)
    mark_as_advanced(ATOMS_CBLAS_FOUND_LIBRARIES)
  endif()
endfunction()

set(ATOMS_CBLAS_LIBRARIES "" CACHE STRING "Libraries of the CBLAS to use; empty: look for one")
if(ATOMS_CBLAS_LIBRARIES)
  _atoms_try_cblas(given "${ATOMS_CBLAS_LIBRARIES}")
else()
  find_library(ATOMS_OPENBLAS_LIBRARY openblas)
  find_library(ATOMS_BLAS_LIBRARY blas)
  find_library(ATOMS_CBLAS_LIBRARY cblas)
  mark_as_advanced(ATOMS_OPENBLAS_LIBRARY ATOMS_BLAS_LIBRARY ATOMS_CBLAS_LIBRARY ATOMS_CBLAS_INCLUDE_DIR)
  _atoms_try_cblas(openblas "${ATOMS_OPENBLAS_LIBRARY}")
  _atoms_try_cblas(blas "${ATOMS_BLAS_LIBRARY}")
  if(ATOMS_CBLAS_LIBRARY AND ATOMS_BLAS_LIBRARY)
    _atoms_try_cblas(cblas "${ATOMS_CBLAS_LIBRARY};${ATOMS_BLAS_LIBRARY}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(AtomsCBLAS REQUIRED_VARS ATOMS_CBLAS_FOUND_LIBRARIES ATOMS_CBLAS_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "no CBLAS that links (on Debian and Ubuntu: apt-get install libopenblas-dev, or set ATOMS_CBLAS_LIBRARIES)")
if(AtomsCBLAS_FOUND AND NOT TARGET AtomsCBLAS::CBLAS)
  add_library(AtomsCBLAS::CBLAS INTERFACE IMPORTED)
  set_target_properties(AtomsCBLAS::CBLAS PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${ATOMS_CBLAS_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${ATOMS_CBLAS_FOUND_LIBRARIES}")
endif()
