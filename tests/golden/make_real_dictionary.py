"""The figures of a real decoder by NumPy, from the definitions, in f64.

    atoms train examples/data/sample.train.npy -o SAE --width 2304 --l0 32 --steps 300 --batch 1024 --seed 0
    python make_real_dictionary.py SAE                               # what the tests read: real_decoder.npy, real_codes.npz, real_dictionary.inc
    python make_real_dictionary.py SAE --whole TRAIN.npy EVAL.npy    # of all its atoms, for reading beside `atoms identify` and `atoms dict`

The tests' dictionary is the 60 atoms of the decoder that fire most and every 39th, rounded to f16, and its codes are what the SAE makes of the
first 1024 rows of examples/data/sample.eval.npy on these atoms; S comes from examples/data/sample.train.npy. The build never runs this."""
import argparse
import json
import os

import numpy as np
import scipy.sparse
from safetensors.numpy import load_file

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "..", "examples", "data")
BUSIEST, EVERY, ROWS = 60, 39, 1024
LEVELS = (.3, .5, .7, .9)
DUPLICATE = .95


def encode(sae, x):
    w = {k: v.astype(np.float64) for k, v in sae.items()}
    f = np.zeros((len(x), len(w["W_dec"])), np.float32)
    for first in range(0, len(x), 1024):
        u = x[first:first + 1024].astype(np.float64)
        z = u @ w["W_enc"] + w["b_enc"]
        f[first:first + 1024] = z * (z > np.maximum(w["threshold"], 0))
    return f


def second_moment(x):
    s = np.zeros((x.shape[1], x.shape[1]))
    for first in range(0, len(x), 8192):
        u = x[first:first + 8192].astype(np.float64)
        s += u.T @ u
    return s / len(x)


def q_star(c, k):
    """sup of the q with mu_q < 1/(2 K_q - 1): lower empirical quantiles step at multiples of 1/pairs and of 1/samples only."""
    if not len(c):
        return float("nan")
    c, k = np.sort(c), np.sort(np.maximum(k, 1))
    n, m = len(c), len(k)
    a = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)  # q = a/(n m)
    good = c[-(-a // m) - 1] < 1.0 / (2 * k[-(-a // n) - 1] - 1)
    return float(a[good][-1]) / (n * m) if good.any() else 0.0


def clusters(c):
    root = np.arange(len(c))

    def find(i):
        while root[i] != i:
            i = root[i]
        return i

    for i, j in zip(*np.nonzero(np.triu(c >= DUPLICATE, 1))):
        a, b = find(i), find(j)
        root[max(a, b)] = min(a, b)
    root = np.array([find(i) for i in range(len(c))])
    return int((root != np.arange(len(c))).sum()), int((np.bincount(root) > 1).sum())


def figures(decoder, codes, inverse):
    """inverse = S^-1, or None for Euclidean. codes: dense, a row a sample."""
    d = decoder.astype(np.float64)
    s_d = d if inverse is None else np.linalg.solve(inverse, d.T).T
    length = np.sqrt(np.einsum("ij,ij->i", d, s_d))
    c = (d @ s_d.T) / length[:, None] / length[None, :]
    c = (c + c.T) / 2
    fires, l0 = (codes != 0).any(axis=0), (codes != 0).sum(axis=1)
    upper = np.triu_indices(len(d), 1)
    cosine, magnitude = c[upper], np.abs(c[upper])
    among = fires[upper[0]] & fires[upper[1]]
    limits = np.concatenate([1.0 / (2 * np.unique(np.maximum(l0, 1)) - 1), LEVELS, [DUPLICATE]])
    at = np.searchsorted(np.sort(magnitude), limits)
    nearest = np.sort(np.concatenate([[-1], magnitude, [2]]))
    margin = min(np.minimum(np.abs(nearest[at] - limits), np.abs(nearest[at + 1] - limits)))
    delta = (codes * length)[codes != 0]
    k, epsilon = int(l0.max()), float(magnitude[among].max())
    low, high = epsilon * k * delta.max(), delta.min() - epsilon * (k - 1) * delta.max()
    rows = np.sort(np.abs(c) - np.eye(len(d)), axis=1)[:, :0:-1]  # each atom's others, largest first
    babel = np.cumsum(rows, axis=1)
    first = int(np.argmax(magnitude))
    whiten = d if inverse is None else np.linalg.solve(np.linalg.cholesky(inverse), d.T).T
    unit = whiten / length[:, None]
    eigenvalues = np.linalg.eigvalsh(unit @ unit.T if len(d) < d.shape[1] else unit.T @ unit)
    share = np.maximum(eigenvalues, 0) / eigenvalues.sum()
    share = share[share > 0]
    quantile = lambda q: float(np.quantile(magnitude, q, method="inverted_cdf"))
    duplicates, groups = clusters(c)
    return {
        "margin": float(margin), "atoms_firing": int(fires.sum()), "k": k, "mean_l0": float(l0.mean()),
        "q_star": q_star(magnitude[among], l0), "q_star_all": q_star(magnitude, l0), "epsilon": epsilon, "epsilon_all": float(magnitude.max()),
        "delta_min": float(delta.min()), "delta_max": float(delta.max()), "low": float(low), "high": float(high),
        "pair_0": int(upper[0][first]), "pair_1": int(upper[1][first]), "mu_positive": float(cosine.max()),
        "p50": quantile(.5), "p90": quantile(.9), "p99": quantile(.99), "p999": quantile(.999),
        "above": [int((magnitude > v).sum()) for v in LEVELS], "duplicates": duplicates, "clusters": groups,
        "frame_low": float(eigenvalues[0]) if len(d) >= d.shape[1] else 0.0, "frame_high": float(eigenvalues[-1]),
        "effective_rank": float(np.exp(-(share * np.log(share)).sum())), "mean_square": float((cosine**2).mean()),
        "babel": babel.max(axis=0).tolist(),
    }


def write_tests(sae, train, x):
    codes = encode(sae, x[:ROWS])
    busiest = np.argsort(-(codes != 0).sum(axis=0), kind="stable")[:BUSIEST]
    chosen = np.union1d(busiest, np.arange(0, codes.shape[1], EVERY))
    decoder, codes = sae["W_dec"][chosen].astype(np.float16), codes[:, chosen]
    np.save(os.path.join(HERE, "real_decoder.npy"), decoder)
    scipy.sparse.save_npz(os.path.join(HERE, "real_codes.npz"), scipy.sparse.csr_matrix(codes))
    made = {"euclidean": figures(decoder, codes, None), "aip": figures(decoder, codes, second_moment(train))}
    with open(os.path.join(HERE, "real_dictionary.inc"), "w") as out:
        out.write("/* Made by make_real_dictionary.py. */\n")
        out.write(f"enum {{ REAL_ATOMS = {len(decoder)}, REAL_DIM = {decoder.shape[1]}, REAL_ROWS = {len(codes)} }};\n")
        for name, f in made.items():
            assert f.pop("margin") > 1e-9, "a cosine is too near a limit for two programs to agree on its side"
            out.write(f"static const real_figures real_{name} = {{\n")
            for key, value in f.items():
                if key == "mean_l0":
                    continue
                text = "{" + ", ".join(f"{v:.17g}" for v in value) + "}" if isinstance(value, list) else f"{value:.17g}"
                out.write(f"    .{key} = {text},\n")
            out.write("};\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sae")
    parser.add_argument("--whole", nargs=2, metavar=("TRAIN", "EVAL"))
    given = parser.parse_args()
    sae = load_file(os.path.join(given.sae, "sae_weights.safetensors"))
    names = given.whole or [os.path.join(DATA, f"sample.{part}.npy") for part in ("train", "eval")]
    train, x = (np.load(name) for name in names)
    if given.whole:
        codes = encode(sae, x)
        for name, inverse in (("euclidean", None), ("aip", second_moment(train))):
            made = figures(sae["W_dec"], codes, inverse)
            made["babel"] = made["babel"][:32]
            print(json.dumps({name: made}, indent=1))
    else:
        write_tests(sae, train, x)
