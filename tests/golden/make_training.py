"""Loss curves of every recipe on the sample in examples/data: NumPy, float64, dense formulas (docs/training.md), its own start. The start is
made from other rows than those that are trained on: its thresholds equal one pre-activation of the start's rows each, and rounding would
decide whether that is active.

    python make_training.py > training_curves.csv
"""
import os

import numpy as np

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "data", "sample.train.npy")
ROWS, WIDTH, STEPS, BATCH, SEED, EVERY, SAMPLE = 2048, 128, 60, 128, 1, 3, 1024
SHUFFLE, DECODER = 1, 2
MASK = np.uint64(0xFFFFFFFF)

BASE = dict(relu=False, sparsity="target", unit=True, norm="one", rows=False, cosine=False, subtract=True, to_input=False, data_bias=False,
            target=16, start_threshold=0, weight=1, weight_warmup=0, tanh=4, preactivation=0, bandwidth=0.01, rate=2e-3, warmup=0,
            warmup_start=0, decay=0.3, final=0.02, beta1=0.9, beta2=0.95, epsilon=1e-8, clip=0, whiten=False)
RECIPES = {
    "target-l0": {},
    "gemma": dict(sparsity="step", start_threshold=1e-3, weight=6e-4, weight_warmup=0.5, bandwidth=1e-3, rate=7e-5, cosine=True, warmup=0.1,
                  warmup_start=0.1, decay=0, beta1=0, beta2=0.999),
    "anthropic": dict(sparsity="tanh", unit=False, norm="root", subtract=False, to_input=True, data_bias=True, start_threshold=0.1, weight=10,
                      weight_warmup=1, preactivation=3e-6, bandwidth=2, rate=2e-4, decay=0.2, final=0, beta2=0.999, clip=1),
    "features": dict(relu=True, sparsity="l1", weight=0.03, weight_warmup=0.05, rate=1e-3, beta2=0.999),
    "aip": dict(whiten=True, rows=True, target=2),
}


def philox(seed, stream, counter):
    counter = np.asarray(counter, np.uint64)
    x = [counter & MASK, counter >> np.uint64(32), np.full_like(counter, stream), np.zeros_like(counter)]
    seed = np.asarray(seed, np.uint64)
    key = [seed & MASK, seed >> np.uint64(32)]
    for _ in range(10):
        p, q = np.uint64(0xD2511F53) * x[0], np.uint64(0xCD9E8D57) * x[2]
        x = [(q >> np.uint64(32)) ^ x[1] ^ key[0], q & MASK, (p >> np.uint64(32)) ^ x[3] ^ key[1], p & MASK]
        key = [(key[0] + np.uint64(0x9E3779B9)) & MASK, (key[1] + np.uint64(0xBB67AE85)) & MASK]
    return x


def normal(seed, stream, count):
    b = philox(seed, stream, np.arange(count))
    u = 1 - (((b[0] << np.uint64(32)) | b[1]) >> np.uint64(11)) * 2.0**-53
    v = (((b[2] << np.uint64(32)) | b[3]) >> np.uint64(11)) * 2.0**-53
    return np.sqrt(-2 * np.log(u)) * np.cos(2 * np.pi * v)


def permutation(seed, stream, turn, n):
    half = np.uint64(next(h for h in range(1, 32) if 4**h >= n))
    mask = (np.uint64(1) << half) - np.uint64(1)
    with np.errstate(over="ignore"):
        key = np.uint64(seed) ^ (np.uint64(turn) * np.uint64(0x9E3779B97F4A7C15))
    x, outside = np.arange(n, dtype=np.uint64), np.ones(n, bool)
    while outside.any():
        left, right = x[outside] >> half, x[outside] & mask
        for turn_ in range(4):
            left, right = right, left ^ (philox(key, stream, (np.uint64(turn_) << np.uint64(32)) | right)[0] & mask)
        x[outside] = (left << half) | right
        outside = x >= n
    return x.astype(int)


def largest(values, number):
    """The (number + 1)-th largest."""
    return np.sort(values, axis=0)[::-1][number]


class Model:
    def __init__(self, o, x, start):
        self.o = o
        if o["whiten"]:
            values, vectors = np.linalg.eigh(start.T @ start / len(start) + np.eye(start.shape[1]))
            x, start = (y @ (vectors / np.sqrt(values)) @ vectors.T for y in (x, start))
        n, d = start.shape
        scale = np.sqrt((d if o["norm"] == "root" else 1) * n / (start**2).sum())
        self.u, start = x * scale, start * scale
        self.b_dec = start.mean(0)
        self.decoder = normal(SEED, DECODER, WIDTH * d).reshape(WIDTH, d)
        if o["rows"]:
            self.decoder = start[permutation(SEED, DECODER, 0, n)[:WIDTH]] - self.b_dec
        self.decoder /= np.linalg.norm(self.decoder, axis=1, keepdims=True)
        self.encoder = self.decoder.copy()
        self.decoder *= 1 if o["unit"] else 3**-0.5
        self.b_enc = np.zeros(WIDTH)
        sample = start[permutation(SEED, SHUFFLE, 0, n)[:SAMPLE]]
        self.fit(sample, 2 * o["target"])
        self.moments = [[0, 0] for _ in self.parts()]

    def fit(self, sample, l0):
        o, c = self.o, sample - (self.b_dec if self.o["subtract"] else 0)
        z = c @ self.encoder.T
        threshold = max(0, largest(z.ravel(), l0 * len(sample)))
        made = (z * (z > threshold)) @ self.decoder
        factor = (made * (sample - self.b_dec)).sum() / (made**2).sum()
        self.encoder *= factor
        start = 0 if o["relu"] else o["start_threshold"] or factor * threshold
        self.threshold = np.full(WIDTH, start, float)
        if o["data_bias"]:
            self.b_enc = start - largest(c[:BATCH] @ self.encoder.T, int(l0 / WIDTH * BATCH))
        elif o["relu"]:
            self.b_enc -= factor * threshold

    def parts(self):
        return [self.encoder, self.decoder, self.b_enc, self.threshold, self.b_dec]

    def lengths(self):
        return np.ones(WIDTH) if self.o["unit"] else np.linalg.norm(self.decoder, axis=1)

    def step(self, number, u):
        o, n, length = self.o, len(u), self.lengths()
        weight = o["weight"] * min(1, number / (o["weight_warmup"] * STEPS) if o["weight_warmup"] else 1)
        c = u - (self.b_dec if o["subtract"] else 0)
        z = c @ self.encoder.T + self.b_enc
        active = z > self.threshold
        window = np.abs(z - self.threshold) < o["bandwidth"] / 2 if not o["relu"] else np.zeros_like(active)
        f = z * active
        error = f @ self.decoder + self.b_dec - u
        mse, l0 = (error**2).sum() / n, active.sum() / n
        value, slope, l0_slope, silent = np.zeros_like(f), np.zeros_like(f), 0, 0
        if o["sparsity"] == "target":
            term, l0_slope = weight * (l0 / o["target"] - 1) ** 2, 2 * weight * (l0 / o["target"] - 1) / o["target"]
        elif o["sparsity"] == "step":
            term, l0_slope = weight * l0, weight
        else:
            scaled = f * length
            value, slope = (np.tanh(o["tanh"] * scaled), o["tanh"] / np.cosh(o["tanh"] * scaled) ** 2) if o["sparsity"] == "tanh" else (scaled, 1)
            silent = o["preactivation"] * ~active
            term = (weight * value + silent * (self.threshold - z) * length).sum() / n
        g = (2 * error @ self.decoder.T + weight * slope * length) / n
        at_step = window * (self.threshold * g + l0_slope / n) / o["bandwidth"]
        dz = active * g - silent * length / n + o["to_input"] * at_step
        along = ((weight * slope * f + silent * (self.threshold - z)) / n).sum(0)
        gradient = [dz.T @ c, 2 / n * f.T @ error, dz.sum(0), (silent * length / n - at_step).sum(0) * (not o["relu"]), 2 / n * error.sum(0)]
        if o["unit"]:
            gradient[1] -= (gradient[1] * self.decoder).sum(1, keepdims=True) * self.decoder
        else:
            gradient[1] += (along / length)[:, None] * self.decoder
        self.update(number, gradient)
        return mse + term, mse, l0, 1 - (error**2).sum() / ((u - u.mean(0)) ** 2).sum()

    def rate(self, number):
        o, up = self.o, 1
        if o["warmup"]:
            up = min(1, number / (o["warmup"] * STEPS))
        if o["cosine"]:
            up = (1 - np.cos(np.pi * up)) / 2
        factor = o["warmup_start"] + (1 - o["warmup_start"]) * up
        if o["decay"]:
            factor = min(factor, max(o["final"], (STEPS - number) / (o["decay"] * STEPS)))
        return o["rate"] * factor

    def update(self, number, gradient):
        o = self.o
        norm = np.sqrt(sum((g**2).sum() for g in gradient))
        for part, g, moment in zip(self.parts(), gradient, self.moments):
            if o["clip"] and norm > o["clip"]:
                g = g * o["clip"] / norm
            moment[0] = o["beta1"] * moment[0] + (1 - o["beta1"]) * g
            moment[1] = o["beta2"] * moment[1] + (1 - o["beta2"]) * g**2
            mean, square = moment[0] / (1 - o["beta1"] ** number), moment[1] / (1 - o["beta2"] ** number)
            part -= self.rate(number) * mean / (np.sqrt(square) + o["epsilon"])
        if o["unit"]:
            self.decoder /= np.linalg.norm(self.decoder, axis=1, keepdims=True)
        np.maximum(self.threshold, 0, out=self.threshold)


def main():
    x = np.load(DATA)[:2 * ROWS].astype(np.float64)
    print("recipe,step,loss,mse,l0,r2")
    for name, changes in RECIPES.items():
        model = Model({**BASE, **changes}, x[:ROWS], x[ROWS:])
        per_epoch = ROWS // BATCH
        for step in range(STEPS):
            first = step % per_epoch * BATCH
            order = permutation(SEED, SHUFFLE, step // per_epoch, ROWS)[first:first + BATCH]
            figures = model.step(step + 1, model.u[order])
            if (step + 1) % EVERY == 0 or step == 0:
                print(f"{name},{step + 1}," + ",".join(f"{v:.9g}" for v in figures))


main()
