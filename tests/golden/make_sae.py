"""Small SAEs as other software writes them, and what they compute, in NumPy f64. Needs numpy, torch and safetensors:
    python3 tests/golden/make_sae.py
Writes tests/golden/sae/, where NAME_cfg.json, NAME_weights.safetensors and so on are the files of a folder NAME, which the tests put
together. The build never runs this."""
import json
import os

import numpy as np
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sae")
rng = np.random.default_rng(20250924)
D_IN, D_SAE, ROWS = 6, 10, 25


def weights():
    w = {
        "W_enc": rng.standard_normal((D_IN, D_SAE)) * 0.6,
        "b_enc": rng.standard_normal(D_SAE) * 0.3,
        "W_dec": rng.standard_normal((D_SAE, D_IN)),
        "b_dec": rng.standard_normal(D_IN),
        "threshold": np.abs(rng.standard_normal(D_SAE)) * 0.7,
    }
    return {k: v.astype(np.float32) for k, v in w.items()}


def forward(w, x, subtract_b_dec, scale=1.0):
    w = {k: v.astype(np.float64) for k, v in w.items()}
    u = x * scale
    z = (u - (w["b_dec"] if subtract_b_dec else 0)) @ w["W_enc"] + w["b_enc"]
    f = np.maximum(z, 0) * (z > w.get("threshold", 0))
    return f, (f @ w["W_dec"] + w["b_dec"]) / scale


os.makedirs(here, exist_ok=True)


def path(name):
    return os.path.join(here, name)


def write_json(name, value):
    with open(path(name), "w") as f:
        json.dump(value, f, indent=2)
        f.write("\n")


x = rng.standard_normal((ROWS, D_IN)).astype(np.float32) * 2
expected = {"x": x}


def expect(name, codes_and_reconstruction):
    expected[name + "_codes"], expected[name + "_out"] = codes_and_reconstruction


def cfg(**changes):
    base = {
        "d_in": D_IN,
        "d_sae": D_SAE,
        "dtype": "float32",
        "device": "cpu",
        "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "reshape_activations": "none",
        "metadata": {
            "sae_lens_version": "6.18.0",
            "model_name": "toy",
            "hook_name": "blocks.3.hook_resid_pre",
            "hook_head_index": None,
            "prepend_bos": True,
            "context_size": 128,
            "learning_rate": 0.0003,
        },
        "architecture": "jumprelu",
    }
    base.update(changes)
    return base


# SAELens 6: jumprelu that subtracts b_dec.
w = weights()
save_file(w, path("saelens_weights.safetensors"))
write_json("saelens_cfg.json", cfg())
expect("saelens", forward(w, x, True))

# A checkpoint whose input scale is not folded yet, with log_threshold.
w = weights()
stored = {k: v for k, v in w.items() if k != "threshold"}
stored["log_threshold"] = np.log(w["threshold"]).astype(np.float32)
w["threshold"] = np.exp(stored["log_threshold"].astype(np.float64))
save_file(stored, path("checkpoint_weights.safetensors"))
write_json("checkpoint_cfg.json", cfg(normalize_activations="expected_average_only_in"))
write_json("checkpoint_scaler.json", {"scaling_factor": 1.375})
expect("checkpoint", forward(w, x, True, 1.375))

# The flat layout before 6: a standard SAE in bf16, scaling_factor all ones, apply_b_dec_to_input missing (which means true).
w = weights()
del w["threshold"]
stored = {k: torch.from_numpy(v).to(torch.bfloat16) for k, v in w.items()}
w = {k: v.to(torch.float64).numpy() for k, v in stored.items()}
stored["scaling_factor"] = torch.ones(D_SAE, dtype=torch.bfloat16)
save_torch(stored, path("legacy_weights.safetensors"))
write_json(
    "legacy_cfg.json",
    {
        "architecture": "standard",
        "d_in": D_IN,
        "d_sae": D_SAE,
        "activation_fn_str": "relu",
        "activation_fn_kwargs": {},
        "finetuning_scaling_factor": False,
        "normalize_activations": False,
        "hook_point": "blocks.8.hook_resid_pre",
        "model_name": "gpt2-small",
        "context_size": 128,
        "dtype": "torch.bfloat16",
        "device": "mps",
        "sae_lens_training_version": None,
    },
)
expect("legacy", forward(w, x, True))

# Gemma Scope: already canonical; one threshold negative.
w = weights()
w["threshold"][3] = -1.0
np.savez(path("gemma_params.npz"), **w)
expect("gemma", forward(w, x, False))

# The same with a column-major encoder.
np.savez(path("gemma_fortran.npz"), **{**w, "W_enc": np.asfortranarray(w["W_enc"])})

np.savez(path("sae_expected.npz"), **expected)
