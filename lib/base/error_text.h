/* The words of the last error. Written rarely, from any thread, so a flag serialises the writers; no lock of the system is taken. */
#ifndef BASE_ERROR_TEXT_H
#define BASE_ERROR_TEXT_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include "prefix.h"

#define base_error_init PREFIXED(base_error_init)
#define base_error_set PREFIXED(base_error_set)
#define base_error_copy PREFIXED(base_error_copy)

enum { BASE_ERROR_TEXT_MAX = 1024 };

typedef struct base_error {
    atomic_flag busy;
    char text[BASE_ERROR_TEXT_MAX];
} base_error;

void base_error_init(base_error *error);

/* printf-like; %f, %e and %g may not be used (they follow the host's locale): format numbers with base_number_text. */
void base_error_set(base_error *error, const char *format, va_list arguments);

/* Copies the text, cut to size and terminated; returns its full length. */
size_t base_error_copy(base_error *error, char *buffer, size_t size);

#endif
