#include "near.h"

#include <math.h>

int near(double a, double b, double tolerance, double scale)
{
    double largest = fmax(fmax(fabs(a), fabs(b)), scale);
    return fabs(a - b) <= tolerance * largest;
}

#define DEFINE(name, scalar)                                   \
    double name(const scalar *a, const scalar *b, int64_t n)   \
    {                                                          \
        double difference = 0, largest = 1e-300;               \
        for (int64_t i = 0; i < n; i++) {                      \
            double d = fabs((double)a[i] - (double)b[i]);      \
            if (!(d <= difference)) difference = d;            \
            if (fabs((double)b[i]) > largest) largest = fabs((double)b[i]); \
        }                                                      \
        return difference / largest;                           \
    }

DEFINE(relative_difference_f32, float)
DEFINE(relative_difference_f64, double)
