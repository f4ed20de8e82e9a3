"""Writes dictionary.inc: coherence and stability q* of a small dictionary in the AIP of a few rows, by NumPy and by the definition itself:
sup over q of mu_q < 1/(2 K_q - 1) with lower empirical quantiles. Run by hand: python make_dictionary.py"""
import os
import numpy as np

rng = np.random.default_rng(20784)
M, H, N, SAMPLES = 24, 8, 40, 60
atoms = rng.standard_normal((M, H)).astype(np.float32)
rows = (rng.standard_normal((N, H)) * np.arange(1, H + 1) + 2).astype(np.float32)
l0 = rng.integers(1, 5, SAMPLES)
l0[:3] = 0
fires = (rng.random(M) < 0.7).astype(np.uint8)


def cosines(d, s):
    g = d @ s @ d.T
    n = np.sqrt(np.diag(g))
    return (g / np.outer(n, n))[np.triu_indices(len(d), 1)]


def q_star(c, k):
    c, k = np.sort(np.abs(c)), np.sort(np.maximum(k, 1))
    best = 0.0
    for a in sorted({i * len(k) for i in range(1, len(c) + 1)} | {s * len(c) for s in range(1, len(k) + 1)}):
        mu, kq = c[-(-a // len(k)) - 1], k[-(-a // len(c)) - 1]  # q = a / (len(c) len(k))
        if mu < 1.0 / (2 * kq - 1):
            best = a / (len(c) * len(k))
    return best


d, x = atoms.astype(np.float64), rows.astype(np.float64)
s = np.linalg.inv(x.T @ x / N)
whole, firing, plain = cosines(d, s), cosines(d[fires == 1], s), cosines(d, np.eye(H))


def array(kind, name, values):
    return f"static const {kind} {name}[] = {{" + ", ".join(values) + "};\n"


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "dictionary.inc"), "w") as out:
    out.write("/* Made by make_dictionary.py. */\n")
    out.write(f"enum {{ GOLDEN_M = {M}, GOLDEN_H = {H}, GOLDEN_N = {N}, GOLDEN_BINS = {len(np.bincount(l0))} }};\n")
    out.write(array("float", "golden_atoms", [f"{v:.9g}f" if "." in f"{v:.9g}" or "e" in f"{v:.9g}" else f"{v:.9g}.0f" for v in atoms.ravel()]))
    out.write(array("float", "golden_rows", [f"{v:.9g}f" if "." in f"{v:.9g}" or "e" in f"{v:.9g}" else f"{v:.9g}.0f" for v in rows.ravel()]))
    out.write(array("uint8_t", "golden_fires", [str(v) for v in fires]))
    out.write(array("int64_t", "golden_l0_counts", [str(v) for v in np.bincount(l0)]))
    for name, value in [("mu_all", np.abs(whole).max()), ("mu", np.abs(firing).max()), ("mu_positive", firing.max()),
                        ("mu_euclidean", np.abs(plain).max()), ("q_star_all", q_star(whole, l0)), ("q_star", q_star(firing, l0)),
                        ("q_star_euclidean", q_star(plain, l0))]:
        out.write(f"static const double golden_{name} = {value:.17g};\n")
