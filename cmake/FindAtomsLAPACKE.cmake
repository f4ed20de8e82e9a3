# A LAPACKE that links: target AtomsLAPACKE::LAPACKE. Some BLAS libraries hold LAPACKE themselves, so they are asked first.
include(${CMAKE_CURRENT_LIST_DIR}/link_test.cmake)

find_path(ATOMS_LAPACKE_INCLUDE_DIR lapacke.h PATH_SUFFIXES openblas lapacke)
set(ATOMS_LAPACKE_TEST "#include <lapacke.h>
int main(void) { double a = 1; return (int)LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', 1, &a, 1); }")

set(ATOMS_LAPACKE_LIBRARIES "" CACHE STRING "Libraries of the LAPACKE to use; empty: look for one")
if(ATOMS_LAPACKE_LIBRARIES)
  atoms_link_test(LAPACKE given "${ATOMS_LAPACKE_LIBRARIES}")
else()
  find_library(ATOMS_LAPACKE_LIBRARY lapacke)
  find_library(ATOMS_LAPACK_LIBRARY lapack)
  mark_as_advanced(ATOMS_LAPACKE_LIBRARY ATOMS_LAPACK_LIBRARY ATOMS_LAPACKE_INCLUDE_DIR)
  atoms_link_test(LAPACKE blas "${ATOMS_CBLAS_FOUND_LIBRARIES}")
  if(ATOMS_LAPACKE_LIBRARY)
    atoms_link_test(LAPACKE lapacke "${ATOMS_LAPACKE_LIBRARY}")
  endif()
  if(ATOMS_LAPACKE_LIBRARY AND ATOMS_LAPACK_LIBRARY)
    atoms_link_test(LAPACKE lapack "${ATOMS_LAPACKE_LIBRARY};${ATOMS_LAPACK_LIBRARY};${ATOMS_CBLAS_FOUND_LIBRARIES}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(AtomsLAPACKE REQUIRED_VARS ATOMS_LAPACKE_FOUND_LIBRARIES ATOMS_LAPACKE_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "no LAPACKE that links (on Debian and Ubuntu: apt-get install liblapacke-dev. Or set ATOMS_LAPACKE_LIBRARIES)")
if(AtomsLAPACKE_FOUND AND NOT TARGET AtomsLAPACKE::LAPACKE)
  add_library(AtomsLAPACKE::LAPACKE INTERFACE IMPORTED)
  set_target_properties(AtomsLAPACKE::LAPACKE PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${ATOMS_LAPACKE_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${ATOMS_LAPACKE_FOUND_LIBRARIES}")
endif()
