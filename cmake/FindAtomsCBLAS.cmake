# A CBLAS that links: target AtomsCBLAS::CBLAS. Candidates in order: what ATOMS_CBLAS_LIBRARIES names, then OpenBLAS, then the system's
# blas (which Debian's alternatives point at any implementation), then cblas beside blas. Each is link-tested with the calls that the gate makes.
include(${CMAKE_CURRENT_LIST_DIR}/link_test.cmake)

find_path(ATOMS_CBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas cblas)
set(ATOMS_CBLAS_TEST "#include <cblas.h>
int main(void) { double x = 1; float y = 1; cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, 1, 1, 1, 1.0f, &y, 1, &y, 1, 0.0f, &y, 1); return (int)cblas_ddot(1, &x, 1, &x, 1); }")

set(ATOMS_CBLAS_LIBRARIES "" CACHE STRING "Libraries of the CBLAS to use; empty: look for one")
if(ATOMS_CBLAS_LIBRARIES)
  atoms_link_test(CBLAS given "${ATOMS_CBLAS_LIBRARIES}")
else()
  find_library(ATOMS_OPENBLAS_LIBRARY openblas)
  find_library(ATOMS_BLAS_LIBRARY blas)
  find_library(ATOMS_CBLAS_LIBRARY cblas)
  mark_as_advanced(ATOMS_OPENBLAS_LIBRARY ATOMS_BLAS_LIBRARY ATOMS_CBLAS_LIBRARY ATOMS_CBLAS_INCLUDE_DIR)
  atoms_link_test(CBLAS openblas "${ATOMS_OPENBLAS_LIBRARY}")
  atoms_link_test(CBLAS blas "${ATOMS_BLAS_LIBRARY}")
  if(ATOMS_CBLAS_LIBRARY AND ATOMS_BLAS_LIBRARY)
    atoms_link_test(CBLAS cblas "${ATOMS_CBLAS_LIBRARY};${ATOMS_BLAS_LIBRARY}")
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
