#include <synres/status.h>

const char *synres_status_name(synres_status status)
{
    switch (status) {
#define SYNRES_STATUS(name, number, text) \
    case name: return #name;
#include <synres/status.def>
#undef SYNRES_STATUS
    default: return "SYNRES_E_?";
    }
}

const char *synres_status_text(synres_status status)
{
    switch (status) {
#define SYNRES_STATUS(name, number, text) \
    case name: return text;
#include <synres/status.def>
#undef SYNRES_STATUS
    default: return "a status that this version does not know";
    }
}
