"""Reference figures of the metric and of angles: NumPy and scikit-learn, float64, on the sample in examples/data.

    python make_metric.py > metric_golden.h
"""
import os

import numpy as np
from sklearn.covariance import ledoit_wolf_shrinkage

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "data")
ENTRIES = [(0, 0), (0, 1), (247, 247), (247, 507), (575, 3), (575, 575)]
PERCENT = [1, 5, 25, 50, 75, 95, 99]


def number(x):
    return repr(float(x))


def numbers(name, values):
    print(f"static const double {name}[] = {{{', '.join(number(v) for v in values)}}};")


def figures(name, c):
    """Condition number and effective rank of a matrix."""
    values = np.linalg.eigvalsh(c)
    share = values / values.sum()
    numbers(name, [values[-1] / values[0], np.exp(-(share * np.log(share)).sum()), values[-1], values[0]])


def gamma(x, centred):
    """Ledoit-Wolf's mix (1 - r) C + r m I as C + gamma I."""
    r = ledoit_wolf_shrinkage(x, assume_centered=not centred)
    c = np.cov(x.T, bias=True) if centred else x.T @ x / len(x)
    return r * np.trace(c) / len(c) / (1 - r)


def angles(name, w):
    w = w / np.linalg.norm(w, axis=1, keepdims=True)
    upper = np.triu_indices(len(w), 1)
    a = np.sort(np.degrees(np.arccos(np.clip((w @ w.T)[upper], -1, 1))))
    ranks = [(p * len(a) + 99) // 100 - 1 for p in PERCENT]  # the ceil(q n)-th smallest
    numbers(name, [a.mean(), a.std(), a[0], *a[ranks], a[-1]])


def main():
    train = np.load(os.path.join(DATA, "sample.train.npy")).astype(np.float64)
    held_out = np.load(os.path.join(DATA, "sample.eval.npy")).astype(np.float64)
    second = train.T @ train / len(train)
    mean = train.mean(0)
    print("/* Written by make_metric.py: NumPy and scikit-learn on the sample in examples/data. */")
    print("#ifndef GOLDEN_METRIC_H\n#define GOLDEN_METRIC_H\n")
    print(f"static const int golden_entries[][2] = {{{', '.join(f'{{{i}, {j}}}' for i, j in ENTRIES)}}};")
    numbers("golden_second", [second[i, j] for i, j in ENTRIES])
    numbers("golden_mean", [mean[i] for i, _ in ENTRIES])
    print("\n/* Condition number, effective rank, largest and smallest eigenvalue. */")
    figures("golden_figures", second)
    figures("golden_figures_centred", np.cov(train.T, bias=True))
    print("\n/* Gamma by Ledoit and Wolf: all rows, and the first 200 (fewer than there are coordinates); uncentred, centred. */")
    numbers("golden_gamma", [gamma(train, False), gamma(train, True)])
    numbers("golden_gamma_200", [gamma(train[:200], False), gamma(train[:200], True)])
    print("\n/* Angles over all pairs of held-out rows: mean, sd, min, quantiles .01 .05 .25 .5 .75 .95 .99, max. */")
    angles("golden_euclidean", held_out)
    factor = np.linalg.cholesky(second)
    angles("golden_aip", np.linalg.solve(factor, held_out.T).T)
    print("\n#endif")


main()
