"""Reference codes: scikit-learn's Lasso and ElasticNet, float64, tol 1e-14. Its alpha is our lambda divided by the dimension.

    python make_lasso.py > lasso_golden.h
"""
import numpy as np
from sklearn.linear_model import ElasticNet, Lasso

DIM, ATOMS = 8, 14


def wave(i):
    """Numbers that a C program makes too: no random generator to agree on."""
    return ((i * 7919 + 104729) % 2003) / 1001.5 - 1


d = np.array([[wave(j * DIM + i) for i in range(DIM)] for j in range(ATOMS)])
x = np.array([wave(5000 + i) for i in range(DIM)])
lam, ridge = 0.3, 0.2
models = [
    ("golden_plain", Lasso(alpha=lam / DIM, fit_intercept=False, tol=1e-14, max_iter=1000000)),
    ("golden_positive", Lasso(alpha=lam / DIM, fit_intercept=False, tol=1e-14, max_iter=1000000, positive=True)),
    ("golden_ridge", ElasticNet(alpha=(lam + ridge) / DIM, l1_ratio=lam / (lam + ridge), fit_intercept=False, tol=1e-14, max_iter=1000000)),
]
print("/* Made by make_lasso.py. */")
for name, model in models:
    print(f"static const double {name}[{ATOMS}] = {{{', '.join(repr(float(v)) for v in model.fit(d.T, x).coef_)}}};")
