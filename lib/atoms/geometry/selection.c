/* Selection in place (Hoare's FIND, 1961), the pivot the median of three; three-way, so that equal values cost nothing. */
#include "geometry_parts.h"

static void swap(double *a, double *b)
{
    double kept = *a;
    *a = *b;
    *b = kept;
}

static double middle_of_three(double a, double b, double c)
{
    if (a > b) swap(&a, &b);
    return c < a ? a : c > b ? b : c;
}

double atomsi_select_f64(double *values, int64_t n, int64_t rank)
{
    int64_t first = 0, end = n;
    while (end - first > 1) {
        double pivot = middle_of_three(values[first], values[first + (end - first) / 2], values[end - 1]);
        int64_t less_end = first, next = first, more_start = end;
        while (next < more_start) {
            if (values[next] < pivot) swap(values + less_end++, values + next++);
            else if (values[next] > pivot) swap(values + next, values + --more_start);
            else next++;
        }
        if (rank < less_end) end = less_end;
        else if (rank >= more_start) first = more_start;
        else return pivot;
    }
    return values[first];
}
