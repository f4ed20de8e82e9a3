"""Published update rules, written down here from their formulas in the layouts and scalings that their projects use, by NumPy and PyTorch in f64:
synres.inc, which tests/synres/test_synres_published.c reads. Run by hand: python make_synres.py

    ggml     gated_delta_net: g a head or a key channel, reads scaled by 1/sqrt(S_v), rows of the state are values
    fla      the naive recurrent gated delta rule: queries scaled by 1/sqrt(K), the state is K x V
    onnx     LinearAttention (opset 27), its four rules: heads packed in the last dimension, more query heads than states, the state is d_k x d_v
    delta-mem  one state a layer: tanh and l2 before, read before written, a gate a row with bias -1.5, tied; erase beta, lambda*beta, or no lambda
"""
import os
import numpy as np
import torch

rng = np.random.default_rng(2026)
f32 = lambda x: np.round(np.asarray(x) * 512) / 512  # few digits, and the same number in both precisions of the library
normal = lambda *shape: f32(rng.normal(size=shape))
unit = lambda x: f32(0.999 * x / np.linalg.norm(x, axis=-1, keepdims=True))
gate = lambda *shape: f32(rng.uniform(0.05, 0.95, size=shape))
cases, arrays = [], []


def emit(name, x):
    x = np.asarray(x, dtype=np.float64).ravel()
    lines = [", ".join(repr(float(v)).removesuffix(".0") for v in x[i:i + 8]) for i in range(0, len(x), 8)]
    arrays.append(f"static const double {name}[] = {{\n    " + ",\n    ".join(lines) + "};\n")


def case(name, flags, transposed, scale, heads, K, V, T, q, k, v, beta, g, S0, o, S):
    """q, k, v, beta, g, o: T x heads x ...; S0 and S as the project keeps them."""
    for part, x in (("q", q), ("k", k), ("v", v), ("beta", beta), ("g", g), ("S0", S0), ("o", o), ("S", S)):
        if x is not None:
            emit(f"{name}_{part}", x)
    cases.append(f'    {{"{name}", {flags}, {transposed}, {scale:.17g}, {heads}, {K}, {V}, {T}, {name}_q, {name}_k, {name}_v, {name}_beta, '
                 f'{name + "_g" if g is not None else "NULL"}, {name}_S0, {name}_o, {name}_S}},')


def ggml(name, channels):
    H, D, T = 2, 6, 5
    q, k, v, beta, state0 = unit(normal(T, H, D)), unit(normal(T, H, D)), normal(T, H, D), gate(T, H), normal(H, D, D)
    g = f32(-rng.uniform(0, 0.5, size=(T, H, D) if channels else (T, H)))
    state, out = state0.copy(), np.zeros((T, H, D))
    for h in range(H):
        for t in range(T):
            state[h] *= np.exp(g[t, h])[None, :] if channels else np.exp(g[t, h])
            for j in range(D):  # row j of the state belongs to value j
                change = (v[t, h, j] - state[h, j] @ k[t, h]) * beta[t, h]
                state[h, j] += change * k[t, h]
                out[t, h, j] = state[h, j] @ q[t, h] / np.sqrt(D)
    case(name, "SYNRES_RULE_ERASE" + (" | SYNRES_RULE_DECAY_CHANNEL" if channels else ""), 0, D ** -0.5, H, D, D, T, q, k, v, beta, g, state0, out, state)


def fla():
    H, K, V, T = 2, 6, 5, 6
    q, k, v, beta, g = normal(T, H, K), unit(normal(T, H, K)), normal(T, H, V), gate(T, H), f32(np.log(gate(T, H)))
    h0 = normal(H, K, V)
    h, out, scaled = h0.copy(), np.zeros((T, H, V)), q * K ** -0.5
    for t in range(T):
        h = h * np.exp(g[t])[:, None, None]
        rest = (v[t] - np.einsum("hkv,hk->hv", h, k[t])) * beta[t][:, None]
        h = h + np.einsum("hk,hv->hkv", k[t], rest)
        out[t] = np.einsum("hk,hkv->hv", scaled[t], h)
    case("fla", "SYNRES_RULE_ERASE", 1, K ** -0.5, H, K, V, T, q, k, v, beta, g, h0, out, h)


def onnx(rule):
    HQ, HKV, K, V, T, scale = 4, 2, 4, 3, 4, 0.75
    packed = lambda x: x.reshape(T, -1)
    q, k, v = packed(normal(T, HQ, K)), packed(unit(normal(T, HKV, K))), packed(normal(T, HKV, V))
    decay = packed(f32(-rng.uniform(0, 0.4, size=(T, HKV, K)))) if "gated" in rule else None
    beta = packed(gate(T, HKV)) if "delta" in rule else None
    past = normal(HKV, K, V)
    state, out, Q, KEY, VALUE = past.copy(), np.zeros((T, HQ, V)), q.reshape(T, HQ, K), k.reshape(T, HKV, K), v.reshape(T, HKV, V)
    for t in range(T):
        for h in range(HKV):
            if decay is not None:
                state[h] *= np.exp(decay[t].reshape(HKV, K)[h])[:, None]
            if beta is None:
                state[h] += np.outer(KEY[t, h], VALUE[t, h])
            else:
                state[h] += beta[t, h] * np.outer(KEY[t, h], VALUE[t, h] - state[h].T @ KEY[t, h])
            for i in range(HQ // HKV):  # the query heads of a state
                out[t, h * (HQ // HKV) + i] = scale * Q[t, h * (HQ // HKV) + i] @ state[h]
    every = lambda x: np.repeat(x, HQ // HKV, axis=-2)  # a state for each query head
    flags = " | ".join((["SYNRES_RULE_ERASE"] if beta is not None else []) + (["SYNRES_RULE_DECAY_CHANNEL"] if decay is not None else [])) or "0"
    case("onnx_" + rule, flags, 1, scale, HQ, K, V, T, Q, every(KEY), every(VALUE), np.repeat(beta if beta is not None else np.ones((T, HKV)), HQ // HKV, axis=-1),
         every(decay.reshape(T, HKV, K)) if decay is not None else None, np.repeat(past, HQ // HKV, axis=0), out, np.repeat(state, HQ // HKV, axis=0))


def delta_mem():
    IN, R, OUT, T, alpha = 6, 8, 5, 9, 16
    t64 = lambda x: torch.tensor(x, dtype=torch.float64)
    A_q, A_k, A_v, W_beta = (t64(f32(0.4 * rng.normal(size=(R, IN)))) for _ in range(4))
    bias = torch.full((R,), -1.5, dtype=torch.float64)
    B_q, B_o = (t64(f32(0.3 * rng.normal(size=(OUT, R)))) for _ in range(2))
    x = t64(normal(T, IN))
    for part, value in (("A_q", A_q), ("A_k", A_k), ("A_v", A_v), ("W_beta", W_beta), ("B_q", B_q), ("B_o", B_o), ("x", x)):
        emit("delta_mem_" + part, value.numpy())
    for kind in ("tied", "nested", "kept"):
        S, read_q, read_o = torch.zeros(R, R, dtype=torch.float64), [], []
        for t in range(T):
            q, k = (torch.nn.functional.normalize(torch.tanh(A @ x[t]), dim=0) for A in (A_q, A_k))
            v, beta = A_v @ x[t], torch.sigmoid(W_beta @ x[t] + bias)
            read = S @ q  # before anything is written
            read_q.append(alpha / R * (B_q @ read))
            read_o.append(alpha / R * (B_o @ read))
            keep = torch.ones_like(beta) if kind == "kept" else 1 - beta
            erase = keep * beta if kind == "nested" else beta
            S = keep[:, None] * S - erase[:, None] * torch.outer(S @ k, k) + beta[:, None] * torch.outer(v, k)
        emit(f"delta_mem_{kind}_q", torch.stack(read_q).numpy())
        emit(f"delta_mem_{kind}_o", torch.stack(read_o).numpy())
        emit(f"delta_mem_{kind}_S", S.numpy())
    arrays.append(f"enum {{ DELTA_MEM_IN = {IN}, DELTA_MEM_R = {R}, DELTA_MEM_OUT = {OUT}, DELTA_MEM_T = {T}, DELTA_MEM_ALPHA = {alpha} }};\n")


ggml("ggml", False)
ggml("ggml_channels", True)
fla()
for r in ("linear", "gated", "delta", "gated_delta"):
    onnx(r)
delta_mem()
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "synres.inc"), "w") as f:
    f.write("/* Made by make_synres.py. */\n" + "\n".join(arrays) + "\nstatic const published_case published[] = {\n" + "\n".join(cases) + "\n};\n")
