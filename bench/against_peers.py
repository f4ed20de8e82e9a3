#!/usr/bin/env python3
"""The benchmarks beside what people use otherwise: both on the same inputs, in one run, in turn.

  against_peers.py --peers peers.py --python PY --build DIR [--cases CASE…] [--threads N] [--rounds N] [--json OUT]

--peers is a harness that measures the peers (PyTorch, NumPy, safetensors, …) for the cases below, with the options
--case, --threads, --json and --save-inputs; a case whose harness lies beside this file needs none; --python runs it;
--build is the build folder with the programs of bench/.
In every round the harness runs a case and saves its inputs, then our programs run on them. A ratio is made of one
round's figures; the table has the median of the rounds, beside the bar that it is held to.
"""
import argparse, collections, json, os, statistics, subprocess, sys, tempfile

# For each case of the harness: our programs, and what is compared: (figure of ours: program and name; how the sizes of ours are told;
# figure of a peer: its key and how its name begins, the fastest of them counts; rule and bar, which may differ by size;
# within: only peers whose answers have at most this duality gap).
Compared = collections.namedtuple("Compared", "what program ours sizes key peers rule bar within", defaults=(None,))
PRODUCT = "sgemm/sgemv alone"
BESIDE = {"synres": "peer_synres.py"}
CASES = {
    "sae_step": [Compared("train step", "train_step", "train step", "d", "tok_s", ("torch ", "SAELens", "dictionary_learning"), "at_least", 5.0)],
    "sae_encode": [
        Compared("encode", "encode", "encode", "d", "tok_s", ("encode addmm", "encode F.linear", "encode torch", "encode -> sparse"), "at_least", 1.0),
        Compared("encode, product alone", "encode", "encode", "d", "tok_s", (PRODUCT,), "at_least", 1 / 1.1),
        Compared("decode, embedding_bag", "decode", "decode from codes", "d", "tok_s", ("decode embedding_bag", "decode CSR"), "at_least", 1.0),
        Compared("decode, dense", "decode", "decode from codes", "d", "tok_s", ("decode dense",), "at_least", 10.0)],
    "omp": [
        Compared("OLS, as SPAMS's omp", "pursuit", "OLS", "", "sig_s", ("spams.omp",), "at_least", (("64x256", 1.3), ("576x2304", 2.5), ("768x12288", 3.0))),
        Compared("OMP", "pursuit", "OMP", "", "sig_s", ("spams.omp", "sklearn"), "at_least", (("64x256", 1.3), ("576x2304", 2.5), ("768x12288", 3.0)))],
    "lasso": [
        Compared("lasso, gap 5e-4", "lasso", "lasso, tol 5e-4", "", "sig_s", ("spams", "sklearn", "celer"), "at_least", 1.5, 1e-3),
        Compared("lasso, gap 1e-6", "lasso", "lasso, tol 1e-6", "", "sig_s", ("spams", "sklearn", "celer"), "at_least", 1.5, 1e-5)],
    "bp": [
        Compared("BP, proved to 1e-6", "basis_pursuit", "BP", "", "sig_s", ("scipy linprog", "highspy", "spgl1.spg_bp 1e-8"), "at_least", 10.0),
        Compared("BPDN, proved to 1e-6", "basis_pursuit", "BPDN", "", "sig_s", ("spgl1.spg_bpdn 1e-6",), "at_least", 10.0)],
    "synres": [Compared("synres step", "synres_step", "one pass", "d", "tok_s", ("torch loop", "numpy loop"), "at_least", 1.0)],
    "moments": [Compared("moments", "moments", "moments of f16 rows, f64", "", "rows_s", ("numpy astype f64 + syrk", "scipy dsyrk", "torch double"), "at_least", 1.0)],
    "load": [
        Compared("npz", "load", "npz, all tensors", "", "MBs", ("numpy np.load",), "at_least", 0.9),
        Compared("safetensors, copied", "load", "safetensors, all tensors", "", "MBs", ("safetensors.numpy",), "at_least", 0.9),
        Compared("safetensors, mapped", "load", "safetensors mapped, all summed", "", "MBs", ("safetensors.torch load_file + sum",), "at_least", 0.9)],
}


def run(command, environment):
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit("%s\n%s" % (" ".join(command), done.stdout))


def figures(command, environment, work):
    path = os.path.join(work, "figures.json")
    run(command + ["--json", path], environment)
    with open(path) as file:
        return json.load(file)


def compare(c, ours, peers):
    """Yields (size, our figure, the fastest peer's name and figure) for each size that both have."""
    for size in ours["sizes"]:
        mine = [t["per_second"] for t in size["times"] if t["name"] == c.ours]
        rows = [r for r in peers["rows"] if r["peer"].startswith(c.peers) and c.key in r and r["size"] == size["size"] and "marginal" not in r["peer"]
                and (c.within is None or r["gap_max"] <= c.within)]
        if mine and rows:
            best = max(rows, key=lambda r: r[c.key])
            yield size["size"], mine[0], best["peer"], best[c.key]


def bar_of(c, size):
    return c.bar if isinstance(c.bar, (int, float)) else next(bar for name, bar in c.bar if size.startswith(name))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--peers")
    ap.add_argument("--python", default=sys.executable)
    ap.add_argument("--build", required=True)
    ap.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--rounds", type=int, default=1)
    ap.add_argument("--steps", nargs="+", help="handed to the harness: the training steps to measure")
    ap.add_argument("--only", help="handed to our programs: the sizes whose name begins with this")
    ap.add_argument("--json")
    a = ap.parse_args()
    if not a.peers and not set(a.cases) <= set(BESIDE):
        ap.error("--peers is needed for all cases but " + ", ".join(BESIDE))
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
    environment.setdefault("OMP_WAIT_POLICY", "passive")

    seen, machine = collections.OrderedDict(), {}
    with tempfile.TemporaryDirectory() as work:
        for turn in range(a.rounds):
            for case in a.cases:
                inputs = os.path.join(work, case)
                steps = ["--steps"] + a.steps if a.steps and case == "sae_step" else []
                harness = os.path.join(os.path.dirname(os.path.abspath(__file__)), BESIDE[case]) if case in BESIDE else a.peers
                peers = figures([a.python, harness, "--case", case, "--threads", str(a.threads), "--save-inputs", inputs] + steps, environment, work)
                ours = {}
                for program in dict.fromkeys(c.program for c in CASES[case]):
                    command = [os.path.join(a.build, "bench", "bench_" + program), "--threads", str(a.threads), "--inputs", inputs]
                    ours[program] = figures(command + (["--only", a.only] if a.only else []), environment, work)
                    machine = {k: v for k, v in ours[program].items() if k in ("threads", "clock", "kernels", "cblas", "cblas_core")}
                for c in CASES[case]:
                    if ours[c.program]["threads"] != a.threads:
                        continue # what runs on one thread only is compared on one
                    for size, mine, peer, theirs in compare(c, ours[c.program], peers):
                        seen.setdefault((c, size), []).append((mine, theirs, peer))
    if not seen:
        sys.exit("nothing was compared")

    rows = []
    print("%(threads)s thread(s), %(clock)s time, kernels %(kernels)s\nCBLAS: %(cblas)s, core %(cblas_core)s" % machine)
    print("%-24s %-20s %12s %12s %8s  %-20s %s" % ("what", "size", "ours/s", "peer/s", "ratio", "bar", "fastest peer"))
    for (c, size), turns in seen.items():
        ratio = statistics.median(mine / theirs for mine, theirs, _ in turns)
        mine, theirs = (statistics.median(t[i] for t in turns) for i in (0, 1))
        bar = bar_of(c, size)
        holds = ratio >= bar
        rows.append(dict(what=c.what, size=size, ours=mine, peer=turns[-1][2], peer_figure=theirs, unit=c.key, ratio=ratio, bar=bar, holds=holds,
                         ratios=[m / t for m, t, _ in turns]))
        print("%-24s %-20s %12.5g %12.5g %8.2f  %-20s %s" % (c.what, size, mine, theirs, ratio, ">= %.2f %s" % (bar, "holds" if holds else "MISSED"), turns[-1][2]))
    if a.json:
        with open(a.json, "w") as file:
            json.dump(dict(machine=machine, rounds=a.rounds, rows=rows), file, indent=1)


if __name__ == "__main__":
    main()
