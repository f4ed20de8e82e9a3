#include "error_text.h"

#include <stdio.h>
#include <string.h>

void base_error_init(base_error *error)
{
    atomic_flag_clear(&error->busy);
    error->text[0] = '\0';
}

static void enter(base_error *error)
{
    while (atomic_flag_test_and_set_explicit(&error->busy, memory_order_acquire)) {}
}

static void leave(base_error *error)
{
    atomic_flag_clear_explicit(&error->busy, memory_order_release);
}

void base_error_set(base_error *error, const char *format, va_list arguments)
{
    char text[BASE_ERROR_TEXT_MAX];
    vsnprintf(text, sizeof text, format, arguments); /* outside the flag: the arguments may be the old text */
    enter(error);
    memcpy(error->text, text, sizeof text);
    leave(error);
}

size_t base_error_copy(base_error *error, char *buffer, size_t size)
{
    enter(error);
    size_t length = strlen(error->text);
    if (buffer && size) {
        size_t n = length < size - 1 ? length : size - 1;
        memcpy(buffer, error->text, n);
        buffer[n] = '\0';
    }
    leave(error);
    return length;
}
