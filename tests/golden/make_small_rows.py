"""Writes ../docs/small_rows.npy: few, narrow rows, so that the README's program with its default options runs in a moment."""
import numpy as np

rng = np.random.default_rng(1)
atoms = rng.standard_normal((16, 8))
codes = rng.random((1100, 16)) * (rng.random((1100, 16)) < 0.15)
np.save("../docs/small_rows.npy", (1 + codes @ atoms + 0.01 * rng.standard_normal((1100, 8))).astype("<f2"))
