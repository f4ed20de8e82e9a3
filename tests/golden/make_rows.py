"""Makes rows_*.np[yz]: one matrix of 37 x 6 in the ways NumPy can store it. Run by hand; the build never runs it.

Element (i, j) is (31 i + 7 j) mod 251 - 125, as value_at in the tests.
"""
import pathlib

import numpy as np

here = pathlib.Path(__file__).parent
i, j = np.indices((37, 6))
x = (31 * i + 7 * j) % 251 - 125.0

np.save(here / "rows_fortran_f64.npy", np.asfortranarray(x))
np.save(here / "rows_fortran_f16.npy", np.asfortranarray(x.astype("<f2")))
np.save(here / "rows_big_endian.npy", x.astype(">f4"))
np.save(here / "rows_big_fortran.npy", np.asfortranarray(x.astype(">f8")))
several = dict(acts=x.astype("<f2"), ids=np.arange(37), other=x.astype("<f4"), cube=x.reshape(37, 2, 3), bias=x[0])
np.savez(here / "rows_stored.npz", **several)
np.savez_compressed(here / "rows_deflated.npz", **several)
np.savez_compressed(here / "rows_deflated_fortran.npz", acts=np.asfortranarray(x))
