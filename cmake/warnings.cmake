# Flags of our own targets only (never global).
#   -ffp-contract=off: gcc and clang fuse multiplications differently; kernels that want fusing say so in the code.
#   -ffile-prefix-map: nothing that is built says where, so that it is the same wherever it is built.
#   -fno-math-errno:   sqrt is an instruction. Nothing else of -ffast-math may ever appear: linking with it changes the host's FPU state.
function(atoms_compile_flags target)
  set_target_properties(${target} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF C_STANDARD_REQUIRED ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
    -ffp-contract=off -fno-math-errno -ffile-prefix-map=${PROJECT_BINARY_DIR}=build -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
  if(ATOMS_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
