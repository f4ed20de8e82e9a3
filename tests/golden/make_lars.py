"""Writes lars.inc: knots and coefficients of a lasso path by scikit-learn's lars_path. Run by hand: python make_lars.py"""
import os
import numpy as np
from sklearn.linear_model import lars_path

rng = np.random.default_rng(2004)
DIM, ATOMS = 8, 16
d = rng.standard_normal((DIM, ATOMS)) + 0.8 * rng.standard_normal((DIM, 1))  # correlated: the path has drops
d /= np.linalg.norm(d, axis=0)
x = rng.standard_normal(DIM)
x /= np.linalg.norm(x)


def array(name, values):
    return f"static const double {name}[] = {{" + ", ".join(repr(float(v)) for v in np.ravel(values)) + "};\n"


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lars.inc"), "w") as out:
    out.write("/* Made by make_lars.py. */\n")
    out.write(f"enum {{ LARS_DIM = {DIM}, LARS_ATOMS = {ATOMS} }};\n")
    out.write(array("lars_atoms", d.T) + array("lars_x", x))
    for name, positive in (("lars", False), ("lars_positive", True)):
        alphas, active, coefs = lars_path(d, x, method="lasso", positive=positive)
        keep = alphas > 1e-6  # the last knots are roundings of 0
        drops = sum(np.any((coefs[:, i] != 0) & (coefs[:, i + 1] == 0)) for i in range(coefs.shape[1] - 1))
        print(name, len(alphas), "knots,", drops, "drops")
        out.write(f"enum {{ {name}_knots = {int(keep.sum())} }};\n")
        out.write(array(name + "_lambda", alphas[keep] * DIM) + array(name + "_code", coefs.T[keep]))
