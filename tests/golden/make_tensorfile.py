#!/usr/bin/env python3
"""Writes the files in tests/golden/tensorfile with NumPy, SciPy and safetensors. Run by hand; needs numpy >= 2, scipy, safetensors, torch.

Element i of a tensor is (i - 3) / 2 for floats, i - 3 for signed and 3 i for unsigned integers, i % 2 for bool.
written.npz is not made here: it is what the library wrote, pinned so that it stays the same.
Made with numpy 2.4.6, scipy 1.17.1, safetensors 0.8.0.
"""
import pathlib
import zipfile

import numpy as np
import scipy.sparse
import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).parent / "tensorfile"
NUMBERS = {"f2": "f16", "f4": "f32", "f8": "f64", "i1": "i8", "u1": "u8", "i2": "i16", "u2": "u16", "i4": "i32", "u4": "u32", "i8": "i64",
           "u8": "u64", "b1": "bool"}
TORCH = {"f16": torch.float16, "f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16, "i8": torch.int8, "u8": torch.uint8,
         "i16": torch.int16, "u16": torch.uint16, "i32": torch.int32, "u32": torch.uint32, "i64": torch.int64, "u64": torch.uint64,
         "bool": torch.bool}


def values(kind, shape=(3, 4)):
    i = np.arange(int(np.prod(shape))).reshape(shape)
    return {"f": (i - 3) / 2, "i": i - 3, "u": 3 * i, "b": i % 2}[kind]


def write(name, array, version=(1, 0)):
    with open(OUT / name, "wb") as f:
        np.lib.format.write_array(f, array, version=version, allow_pickle=False)


def main():
    OUT.mkdir(exist_ok=True)
    arrays = {name: values(descr[0]).astype(descr) for descr, name in NUMBERS.items()}
    for name, array in arrays.items():
        write(name + ".npy", array)
    write("fortran.npy", np.asfortranarray(arrays["f32"]))
    for descr in (">f2", ">f4", ">f8", ">i2", ">u4", ">i8"):
        write("big_" + descr[1:] + ".npy", values(descr[1]).astype(descr))
    write("version2.npy", arrays["f32"], (2, 0))
    write("version3.npy", arrays["f32"], (3, 0))
    write("scalar.npy", np.float64(-1.5))
    write("vector.npy", values("f", (5,)).astype("<f4"))
    write("empty.npy", np.zeros((0, 3), "<f4"))
    write("text.npy", np.array(b"csr"))
    write("unicode.npy", np.array("csr"))
    write("complex.npy", np.zeros((2,), "<c8"))

    members = {**arrays, "scalar": np.float64(-1.5), "empty": np.zeros((0, 3), "<f4"), "folder/\u00fc": arrays["f32"]}
    np.savez(OUT / "stored.npz", **members)
    np.savez_compressed(OUT / "compressed.npz", **members, long=values("i", (110, 80)).astype("<i4"))
    scipy.sparse.save_npz(OUT / "scipy.npz", scipy.sparse.csr_matrix(np.eye(3, 4, dtype=np.float32)))

    tensors = {name: torch.tensor(values("b" if name == "bool" else name[0] if name != "bf16" else "f").tolist(), dtype=dtype)
               for name, dtype in TORCH.items()}
    tensors["scalar"] = torch.tensor(-1.5, dtype=torch.float64)
    tensors["empty"] = torch.zeros((0, 3), dtype=torch.float32)
    tensors["\u00fc \"x\""] = tensors["f32"].clone()
    save_file(tensors, OUT / "numbers.safetensors", metadata={"format": "pt"})
    save_file({"f8": torch.zeros(2, 3, dtype=torch.float8_e4m3fn), "c64": torch.zeros(2, dtype=torch.complex64)}, OUT / "named.safetensors")


main()
