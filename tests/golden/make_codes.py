"""Makes codes_scipy_*.npz with SciPy, and checks that SciPy reads codes_written.npz, which is libatoms' own. Run by hand; the build
never runs it. The matrix is the one of tests/codes/test_codes.c: rows of 0, 3, 1, 0, 2 entries over 9 columns.
"""
import pathlib

import numpy as np
import scipy.sparse as sp

here = pathlib.Path(__file__).parent
indptr = np.array([0, 0, 3, 4, 4, 6])
indices = np.array([0, 4, 8, 7, 2, 3])
data = np.array([1.5, -2, 3, 0, 1e-30, 7], dtype="<f4")

small = sp.csr_matrix((data, indices.astype("<i4"), indptr.astype("<i4")), shape=(5, 9))
sp.save_npz(here / "codes_scipy_f32.npz", small)

# What save_npz writes for a matrix with 64-bit indices and f64 data; the format as str, as older SciPy wrote it.
np.savez(here / "codes_scipy_f64.npz", indices=indices.astype("<i8"), indptr=indptr.astype("<i8"), format=np.array("csr"),
         shape=np.array([5, 9]), data=data.astype("<f8"))

sp.save_npz(here / "codes_scipy_array.npz", sp.csr_array(small.astype("<f8")), compressed=False)
sp.save_npz(here / "codes_scipy_csc.npz", small.tocsc())

ours = here / "codes_written.npz"
if ours.exists():
    read = sp.load_npz(ours)
    assert read.format == "csr" and read.shape == (5, 9) and read.data.dtype == np.float32, read
    assert (read.indptr == indptr).all() and (read.indices == indices).all() and (read.data == data).all()
    for name in ("codes_scipy_f32.npz", "codes_scipy_f64.npz"):
        assert (sp.load_npz(here / name) != read).nnz == 0
    print("SciPy reads codes_written.npz")
