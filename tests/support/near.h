/* Comparison of numbers in tests: relative to a scale the test states, never Check's absolute and strict one. */
#ifndef SUPPORT_NEAR_H
#define SUPPORT_NEAR_H

#include <stdint.h>

#include <atoms/status.h>

/* |a − b| ≤ tolerance·max(|a|, |b|, scale); NaN is near nothing. */
int near(double a, double b, double tolerance, double scale);

/* Largest |a_i − b_i| over max(largest |b_i|, tiny). */
double relative_difference_f32(const float *a, const float *b, int64_t n);
double relative_difference_f64(const double *a, const double *b, int64_t n);

#define ck_assert_near(a, b, tolerance)                                                                                             \
    do {                                                                                                                            \
        double near_a_ = (a), near_b_ = (b);                                                                                        \
        ck_assert_msg(near(near_a_, near_b_, (tolerance), 0), "%s = %.17g, %s = %.17g", #a, near_a_, #b, near_b_); \
    } while (0)

/* The call's status is `expected`; says both names when not. */
#define ck_assert_status(call, expected)                                                                                     \
    do {                                                                                                                     \
        atoms_status got_ = (call), want_ = (expected);                                                                      \
        ck_assert_msg(got_ == want_, "%s: %s, not %s", #call, atoms_status_name(got_), atoms_status_name(want_));            \
    } while (0)
#define ck_assert_ok(call) ck_assert_status(call, ATOMS_OK)

/* The context's detail contains `part`. */
#define ck_assert_detail(context, part)                                                        \
    do {                                                                                       \
        char detail_[1100];                                                                    \
        atoms_context_detail(context, detail_, sizeof detail_);                                \
        ck_assert_msg(strstr(detail_, (part)) != NULL, "detail \"%s\" lacks \"%s\"", detail_, (part)); \
    } while (0)

#endif
