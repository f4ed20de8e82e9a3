"""The largest sums of assignments of whole numbers, by SciPy: compare.inc. Run by hand: python make_compare.py"""
import os

import numpy as np
from scipy.optimize import linear_sum_assignment

SIZES = ((37, 37), (37, 90), (150, 150), (150, 301), (400, 400), (1, 500))
KINDS = (1009, 7, 0)  # modulus: few ties, hardly anything but ties; 0: products, on which every row searches far (Machol and Wien 1976)


def values(rows, cols, kind):
    i, j = np.arange(rows)[:, None], np.arange(cols)[None, :]
    return (i * 7919 + j * 104729 + i * j * 31 + i * i * j) % kind if kind else -(i + 1) * (j + 1)


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "compare.inc"), "w") as out:
    out.write("/* Made by make_compare.py: rows, columns, kind, the largest sum. */\nstatic const int64_t golden_assignment[][4] = {\n")
    for rows, cols in SIZES:
        for kind in KINDS:
            v = values(rows, cols, kind)
            out.write(f"    {{{rows}, {cols}, {kind}, {int(v[linear_sum_assignment(v, maximize=True)].sum())}}},\n")
    out.write("};\n")
