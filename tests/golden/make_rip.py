"""Restricted isometry constants by brute force, by NumPy: rip.inc, which the tests read, and on demand the matrices of which
docs/rip.md quotes the constants. Run by hand: python make_rip.py; python make_rip.py --matrices DIR writes rip_64x256.npy, rip_576x2304.npy and
rip_2304x9216.npy (rows are atoms; 64 x 256 in f64, the others in f32) for bench_rip --inputs DIR. The first is kept here too, for a test."""
import itertools
import os
import sys
import numpy as np
from scipy.optimize import linprog

H, M = 12, 40
QUESTIONS = ((40, 2), (40, 3), (40, 4), (40, 5), (26, 6), (26, 7), (26, 8))  # the first so many atoms, order


def splitmix(n):
    """Small integers that C makes too: the sum of the bytes of SplitMix64's words, centred."""
    state, mask, out = 20784, (1 << 64) - 1, []
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
        out.append(sum(z.to_bytes(8, "little")) - 1020)
    return np.array(out, dtype=np.float64)


def brute(d, order):
    """Largest eigenvalue less 1, 1 less the smallest, over all supports; and the supports."""
    g = d @ d.T
    best = [(-1.0, None), (-1.0, None)]
    supports = np.array(list(itertools.combinations(range(len(d)), order)))
    for first in range(0, len(supports), 100000):
        t = supports[first:first + 100000]
        e = np.linalg.eigvalsh(g[t[:, :, None], t[:, None, :]])
        for s, x in ((0, e[:, -1] - 1), (1, 1 - e[:, 0])):
            i = int(np.argmax(x))
            if x[i] > best[s][0]:
                best[s] = (float(x[i]), t[i].tolist())
    return best


def null_space(d):
    """alpha_1 = max_i min_y ||e_i - D'y||_inf, a linear program in (y, t) for each atom; D has the atoms as columns."""
    n, h = d.shape
    worst = 0.0
    for i in range(n):
        e = np.eye(n)[i]
        a = np.block([[-d, -np.ones((n, 1))], [d, -np.ones((n, 1))]])
        b = np.concatenate([-e, e])
        r = linprog(np.r_[np.zeros(h), 1.0], A_ub=a, b_ub=b, bounds=[(None, None)] * (h + 1), method="highs")
        worst = max(worst, r.fun)
    return worst


def write_golden(path):
    d = splitmix(M * H).reshape(M, H)
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    with open(path, "w") as out:
        out.write("/* Made by make_rip.py. */\n")
        out.write(f"enum {{ GOLDEN_H = {H}, GOLDEN_M = {M} }};\n")
        out.write("static const struct {\n    int atoms, order;\n    double plus, minus;\n    int plus_atoms[8], minus_atoms[8];\n} golden[] = {\n")
        for atoms, order in QUESTIONS:
            (plus, a), (minus, b) = brute(d[:atoms], order)
            out.write(f"    {{{atoms}, {order}, {plus!r}, {minus!r}, {{{', '.join(map(str, a))}}}, {{{', '.join(map(str, b))}}}}},\n")
        out.write("};\n")
        out.write(f"static const double golden_alpha = {null_space(d)!r};\n")


def write_matrices(folder):
    for m, n in ((64, 256), (576, 2304), (2304, 9216)):
        d = np.random.default_rng(0).standard_normal((m, n))
        np.save(os.path.join(folder, f"rip_{m}x{n}.npy"), np.ascontiguousarray(d.T if m == 64 else d.T.astype(np.float32)))


if len(sys.argv) == 3 and sys.argv[1] == "--matrices":
    write_matrices(sys.argv[2])
else:
    write_golden(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rip.inc"))
