// The same from C++, with owners that call the destroy functions.
#include <atoms/atoms.h>

#include <cmath>
#include <iostream>
#include <memory>
#include <synres/synres.h>

template <class T> using owner = std::unique_ptr<T, void (*)(T *)>;

int main()
{
    const float x[] = {2, 1, -2, 1, 2, -1, -2, -1};
    const double u[] = {4, 1}, v[] = {1, 3};
    const atoms_matrix batch = atoms_matrix_f32(x, 4, 2);
    atoms_context *made = nullptr;
    if (atoms_version() != ATOMS_VERSION || synres_version() != SYNRES_VERSION || atoms_context_create(nullptr, &made) != ATOMS_OK) return 1;
    const owner<atoms_context> context(made, atoms_context_destroy);
    atoms_moments *sums = nullptr;
    if (atoms_moments_create(context.get(), 2, &sums) != ATOMS_OK) return 1;
    const owner<atoms_moments> moments(sums, atoms_moments_destroy);
    atoms_metric *found = nullptr;
    if (atoms_moments_add(moments.get(), &batch) || atoms_metric_from_moments(context.get(), moments.get(), nullptr, &found)) return 1;
    const owner<atoms_metric> metric(found, atoms_metric_destroy);
    double value = 0;
    if (atoms_metric_inner(metric.get(), u, v, &value) != ATOMS_OK) return 1;
    std::cout << atoms_build_info() << ": " << value << "\n";
    return std::fabs(value - 4) > 1e-12;
}
