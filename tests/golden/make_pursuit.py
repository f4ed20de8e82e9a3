"""Writes pursuit.inc: codes of a few signals over a small dictionary of unit atoms by scikit-learn's orthogonal_mp_gram (its Gram path; the other
stops too early where an atom is orthogonal to the signal itself). Run by hand: python make_pursuit.py"""
import os
import numpy as np
from sklearn.linear_model import orthogonal_mp_gram

ATOMS, DIM, ROWS, K = 20, 9, 4, 5
rng = np.random.default_rng(2004)
d = rng.standard_normal((ATOMS, DIM))
d = np.round(d / np.linalg.norm(d, axis=1, keepdims=True), 6)
n = np.linalg.norm(d, axis=1)
x = np.round(rng.standard_normal((ROWS, DIM)), 6)
u = d / n[:, None]
a = orthogonal_mp_gram(u @ u.T, u @ x.T, n_nonzero_coefs=K).T / n


def table(name, v):
    lines = [", ".join("%.9g" % e for e in row) for row in v]
    return "static const double %s[] = {\n    %s};\n" % (name, ",\n    ".join(lines))


with open(os.path.join(os.path.dirname(__file__), "pursuit.inc"), "w") as f:
    f.write("/* Written by make_pursuit.py. */\n")
    f.write("enum { GOLDEN_ATOMS = %d, GOLDEN_DIM = %d, GOLDEN_ROWS = %d, GOLDEN_K = %d };\n" % (ATOMS, DIM, ROWS, K))
    f.write(table("golden_atoms", d) + table("golden_signals", x) + table("golden_codes", a))
