# Hardening of our own targets: what the toolchain accepts of the flags that cost little. Left out under sanitizers, which
# bring stronger checks and fight with FORTIFY. Not -z nodlopen: the library is there to be loaded.
include(CheckCCompilerFlag)

if(CMAKE_C_FLAGS MATCHES "-fsanitize")
  set(ATOMS_SANITIZED ON)
else()
  set(ATOMS_SANITIZED OFF)
endif()

set(ATOMS_HARDENING "")
foreach(_flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero -Wtrampolines
              -Wbidi-chars=any)
  string(MAKE_C_IDENTIFIER "ATOMS_HAS${_flag}" _known)
  check_c_compiler_flag("-Werror ${_flag}" ${_known})
  if(${_known})
    list(APPEND ATOMS_HARDENING ${_flag})
  endif()
endforeach()

function(atoms_harden target)
  if(ATOMS_SANITIZED)
    return()
  endif()
  # FORTIFY needs an optimising compiler.
  target_compile_options(${target} PRIVATE ${ATOMS_HARDENING} $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "SHARED_LIBRARY" OR type STREQUAL "EXECUTABLE")
    target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs)
  endif()
endfunction()
