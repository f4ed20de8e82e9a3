# The one place for the numbers in the sonames: each changes exactly when its library's binary interface breaks, and not with the version.
set(ATOMS_SOVERSION 0)
set(SYNRES_SOVERSION 0)

# The version stands in include/atoms/version.h, where users read it.
file(READ ${CMAKE_CURRENT_LIST_DIR}/../include/atoms/version.h _header)
foreach(part MAJOR MINOR PATCH)
  string(REGEX MATCH "ATOMS_VERSION_${part} ([0-9]+)" _ "${_header}")
  set(_${part} ${CMAKE_MATCH_1})
endforeach()
set(ATOMS_VERSION ${_MAJOR}.${_MINOR}.${_PATCH})
