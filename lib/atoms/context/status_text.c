#include <atoms/status.h>

const char *atoms_status_name(atoms_status status)
{
    switch (status) {
#define ATOMS_STATUS(name, number, text) \
    case name: return #name;
#include <atoms/status.def>
#undef ATOMS_STATUS
    default: return "ATOMS_E_?";
    }
}

const char *atoms_status_text(atoms_status status)
{
    switch (status) {
#define ATOMS_STATUS(name, number, text) \
    case name: return text;
#include <atoms/status.def>
#undef ATOMS_STATUS
    default: return "a status that this version does not know";
    }
}
