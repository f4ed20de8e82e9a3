"""Writes basis_pursuit.inc: BP answers of small random problems by SciPy's linprog. Run by hand: python make_basis_pursuit.py"""
import os
import numpy as np
from scipy.optimize import linprog

rng = np.random.default_rng(1998)
DIM, ATOMS, SIGNALS = 8, 20, 6
d = rng.standard_normal((ATOMS, DIM)).astype(np.float32)  # of any length
x = rng.standard_normal((SIGNALS, DIM)).astype(np.float32)
x[3:] = (np.where(rng.random((3, ATOMS)) < 0.15, rng.random((3, ATOMS)) + 0.5, 0) @ d.astype(float)).astype(np.float32)
x[4] = -x[4]


def answer(signal, positive):
    a = d.T.astype(float)
    if positive:
        r = linprog(np.ones(ATOMS), A_eq=a, b_eq=signal.astype(float), bounds=(0, None), method="highs")
        return r.fun if r.status == 0 else -1.0
    return linprog(np.ones(2 * ATOMS), A_eq=np.hstack([a, -a]), b_eq=signal.astype(float), bounds=(0, None), method="highs").fun


def array(kind, name, values):
    return f"static const {kind} {name}[] = {{" + ", ".join(values) + "};\n"


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "basis_pursuit.inc"), "w") as out:
    out.write("/* Made by make_basis_pursuit.py; -1: no non-negative code. */\n")
    out.write(f"enum {{ BP_DIM = {DIM}, BP_ATOMS = {ATOMS}, BP_SIGNALS = {SIGNALS} }};\n")
    out.write(array("float", "bp_atoms", [f"{v:.9g}f" if "." in f"{v:.9g}" else f"{v:.9g}.0f" for v in d.ravel()]))
    out.write(array("float", "bp_signals", [f"{v:.9g}f" if "." in f"{v:.9g}" else f"{v:.9g}.0f" for v in x.ravel()]))
    out.write(array("double", "bp_norms", [repr(float(answer(s, False))) for s in x]))
    out.write(array("double", "bp_norms_positive", [repr(float(answer(s, True))) for s in x]))
