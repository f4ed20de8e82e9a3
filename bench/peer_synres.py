#!/usr/bin/env python3
"""The peers of bench_synres_step: the gated delta rule as one writes it in PyTorch and in NumPy, a token at a time, all heads at once, f32, in place.

  peer_synres.py --case synres [--threads N] [--json OUT] [--save-inputs DIR]

The clock is process CPU time on one thread, else wall time. Both loops are checked against the recurrence in f64. --save-inputs is taken and does
nothing: the time of a step does not depend on its numbers.
"""
import argparse, json, os, sys, time

threads = sys.argv[sys.argv.index("--threads") + 1] if "--threads" in sys.argv[:-1] else "1"
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = threads
import numpy as np, torch

torch.set_num_threads(int(threads))
clock = time.process_time if threads == "1" else time.perf_counter
SIZES = [(270, 64), (270, 128)]
ROUNDS, SECONDS = 5, 0.3


def token(heads, d, dtype):
    rng = np.random.default_rng(1)
    k, q, v = (rng.standard_normal((heads, d)) for _ in range(3))
    k, q = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (k, q))
    return [x.astype(dtype) for x in (k, q, v, np.full((heads, 1), 0.5), np.full((heads, 1, 1), np.exp(-0.001)), rng.standard_normal((heads, d, d)))]


def numpy_step(k, q, v, beta, alpha, S):
    S *= alpha
    change = beta * (v - (S @ k[:, :, None])[:, :, 0])
    S += change[:, :, None] * k[:, None, :]
    return (S @ q[:, :, None])[:, :, 0]


def torch_step(k, q, v, beta, alpha, S):
    S *= alpha
    change = beta * (v - torch.bmm(S, k.unsqueeze(2)).squeeze(2))
    S += change.unsqueeze(2) * k.unsqueeze(1)
    return torch.bmm(S, q.unsqueeze(2)).squeeze(2)


def torch_baddbmm_step(k, q, v, beta, alpha, S):
    S *= alpha
    change = beta * (v - torch.bmm(S, k.unsqueeze(2)).squeeze(2))
    S.baddbmm_(change.unsqueeze(2), k.unsqueeze(1))
    return torch.bmm(S, q.unsqueeze(2)).squeeze(2)


LOOPS = [("numpy loop", numpy_step, False), ("torch loop", torch_step, True), ("torch loop, baddbmm", torch_baddbmm_step, True)]


@torch.no_grad()
def measure(heads, d):
    exact = token(heads, d, np.float64)
    reads = [numpy_step(*exact) for _ in range(3)]
    runs = []
    for name, step, tensors in LOOPS:
        inputs = token(heads, d, np.float32)
        if tensors:
            inputs = [torch.from_numpy(x) for x in inputs]
        for read in reads:
            error = np.abs(np.asarray(step(*inputs)) - read).max() / np.abs(read).max()
            assert error < 1e-5, (name, error)
        runs.append((name, step, inputs, []))
    for _ in range(ROUNDS):
        for name, step, inputs, times in runs:
            count, begun = 0, clock()
            while clock() - begun < SECONDS / ROUNDS:
                step(*inputs)
                count += 1
            times.append((clock() - begun) / count)
    return [dict(size="d%d heads%d" % (d, heads), peer=name, tok_s=1 / float(np.median(times))) for name, _, _, times in runs]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--case", default="synres", choices=["synres"])
    ap.add_argument("--threads", default="1")
    ap.add_argument("--json")
    ap.add_argument("--save-inputs")
    a = ap.parse_args()
    rows = [row for heads, d in SIZES for row in measure(heads, d)]
    for row in rows:
        print("%-16s %-22s %10.1f tokens/s" % (row["size"], row["peer"], row["tok_s"]))
    if a.json:
        with open(a.json, "w") as file:
            json.dump(dict(torch=torch.__version__, numpy=np.__version__, rows=rows), file, indent=1)


if __name__ == "__main__":
    main()
