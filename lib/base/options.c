#include "options.h"

#include <string.h>

base_outcome base_options_init(void *options, size_t size, const void *defaults, size_t known_size)
{
    if (!options || size < sizeof(uint32_t) || size > UINT32_MAX) return BASE_E_ARGUMENT;
    size_t n = size < known_size ? size : known_size;
    memset(options, 0, size);
    memcpy(options, defaults, n);
    uint32_t own = (uint32_t)size;
    memcpy(options, &own, sizeof own);
    return BASE_OK;
}

base_outcome base_options_read(void *known, size_t known_size, const void *defaults, const void *options)
{
    memcpy(known, defaults, known_size);
    uint32_t size = (uint32_t)known_size;
    if (options) {
        memcpy(&size, options, sizeof size);
        if (size < sizeof size) return BASE_E_ARGUMENT;
        const unsigned char *bytes = options;
        for (size_t i = known_size; i < size; i++)
            if (bytes[i]) return BASE_E_UNSUPPORTED;
        memcpy(known, options, size < known_size ? size : known_size);
    }
    uint32_t own = (uint32_t)known_size;
    memcpy(known, &own, sizeof own);
    return BASE_OK;
}

base_outcome base_report_write(void *report, const void *known, size_t known_size)
{
    uint32_t size;
    memcpy(&size, report, sizeof size);
    if (size < sizeof size) return BASE_E_ARGUMENT;
    size_t n = size < known_size ? size : known_size;
    memcpy((char *)report + sizeof size, (const char *)known + sizeof size, n - sizeof size);
    if (size > known_size) memset((char *)report + known_size, 0, size - known_size);
    return BASE_OK;
}
