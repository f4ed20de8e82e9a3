"""libatoms.so through ctypes alone: constants from their function twins, structs with their size first, nothing but the standard library.

    python3 smoke.py PATH/libatoms.so
"""
import ctypes as c
import random

from binding import I32, I64, P, SIZE, CodesView, Matrix, check, context, declare, detail, expect, lib, made

ROWS, D, WIDTH = 256, 8, 32


class TrainOpts(c.Structure):
    _fields_ = ([("struct_size", c.c_uint32)] +
                [(name, c.c_int32) for name in ("activation", "sparsity", "decoder", "input_norm", "start", "warmup", "subtract_b_dec",
                                                "input_gradient", "data_bias")] +
                [(name, c.c_int64) for name in ("width", "steps", "batch", "init_rows")] + [("seed", c.c_uint64)] +
                [(name, c.c_double) for name in ("target_l0", "start_l0", "start_threshold", "sparsity_weight", "sparsity_warmup")] +
                [("sparsity_warmup_most", c.c_int64)] +
                [(name, c.c_double) for name in ("tanh_scale", "preactivation_weight", "bandwidth", "learning_rate", "threshold_rate",
                                                 "warmup_fraction")] +
                [("warmup_most", c.c_int64)] +
                [(name, c.c_double) for name in ("warmup_start", "decay_fraction", "final_rate", "beta1", "beta2", "epsilon", "clip_norm")] +
                [("dead_steps", c.c_int64), ("revive_every", c.c_int64), ("metric", c.c_void_p), ("checkpoint_every", c.c_int64),
                 ("checkpoint_path", c.c_char_p)])


class TrainOptsHead(c.Structure):  # a caller that knows the first fields only
    _fields_ = TrainOpts._fields_[:12]


class TrainOptsNewer(c.Structure):  # a caller that knows more than the library
    _fields_ = TrainOpts._fields_ + [("unknown", c.c_int64)]


class TrainStats(c.Structure):
    _fields_ = ([("struct_size", c.c_uint32), ("reserved", c.c_int32)] + [(name, c.c_int64) for name in ("step", "steps", "rows", "dead", "revived")] +
                [(name, c.c_double) for name in ("loss", "mse", "l0", "r2", "learning_rate")])


class TrainReport(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("outcome", c.c_int32), ("step", c.c_int64), ("rows", c.c_int64), ("dead", c.c_int64),
                ("input_scale", c.c_double), ("loss", c.c_double), ("mse", c.c_double), ("l0", c.c_double), ("r2", c.c_double)]


Progress = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(TrainStats))

declare(("atoms_version", I32), ("atoms_version_string", c.c_char_p),
        ("atoms_rows_from_matrix", I32, P, P, P), ("atoms_rows_destroy", None, P), ("atoms_rows_width", I64, P),
        ("atoms_train_opts_init", I32, P, SIZE), ("atoms_train_report_init", I32, P, SIZE),
        ("atoms_trainer_create", I32, P, I64, P, P), ("atoms_trainer_destroy", None, P),
        ("atoms_trainer_run", I32, P, P, P, P, P), ("atoms_trainer_snapshot", I32, P, P),
        ("atoms_sae_d_sae", I64, P), ("atoms_sae_destroy", None, P), ("atoms_sae_work_size", I32, P, I64, P),
        ("atoms_sae_work_init", I32, P, P, SIZE, P), ("atoms_sae_encode", I32, P, P, P, P), ("atoms_sae_decode", I32, P, P, P))


def sparse_data():
    """Each row is a sum of two of twelve directions, plus a little noise."""
    draw = random.Random(1)
    atoms = [[draw.gauss(0, 1) for _ in range(D)] for _ in range(12)]
    rows = []
    for _ in range(ROWS):
        a, b = draw.sample(atoms, 2)
        s, t = draw.uniform(1, 2), draw.uniform(1, 2)
        rows += [s * x + t * y + draw.gauss(0, .01) for x, y in zip(a, b)]
    return (c.c_float * len(rows))(*rows)


def train(rows):
    opts = made(TrainOpts, lib.atoms_train_opts_init)
    expect("defaults arrive", (opts.steps, opts.batch, opts.target_l0, opts.beta2) == (1000, 1024, 0, .95))
    opts.width, opts.steps, opts.batch, opts.target_l0 = WIDTH, 20, 64, 4
    trainer, sae = P(), P()
    check(lib.atoms_trainer_create(context, lib.atoms_rows_width(rows), c.byref(opts), c.byref(trainer)))
    seen = []
    progress = Progress(lambda user, stats: seen.append((stats[0].step, stats[0].l0)) or 0)
    report = made(TrainReport, lib.atoms_train_report_init)
    check(lib.atoms_trainer_run(trainer, rows, c.cast(progress, P), None, c.byref(report)))
    expect("the callback ran after each step", [step for step, _ in seen] == list(range(1, 21)))
    expect("the run is done", report.outcome == lib.atoms_train_done() and report.step == 20 and report.input_scale > 0)
    expect("the report's end lines up", report.l0 == seen[-1][1] > 0 and report.r2 < 1)
    check(lib.atoms_trainer_snapshot(trainer, c.byref(sae)))
    lib.atoms_trainer_destroy(trainer)
    return sae


def encode(sae, matrix):
    size, work, codes = SIZE(), P(), CodesView()
    check(lib.atoms_sae_work_size(sae, matrix.rows, c.byref(size)))
    memory = c.create_string_buffer(size.value)
    check(lib.atoms_sae_work_init(sae, memory, size, c.byref(work)))
    check(lib.atoms_sae_encode(sae, work, c.byref(matrix), c.byref(codes)))
    expect("codes have the shape", (codes.rows, codes.width) == (ROWS, WIDTH) and codes.offset[ROWS] == codes.nnz > 0)
    expect("indices and values are in range",
           all(0 <= codes.index[i] < WIDTH and codes.value[i] > 0 for i in range(codes.nnz)))
    back = (c.c_float * (ROWS * D))()
    check(lib.atoms_sae_decode(sae, c.byref(codes), c.byref(Matrix(c.addressof(back), ROWS, D, D, lib.atoms_f32(), 0))))
    return codes.nnz / ROWS, back


def squares(values):
    return sum(v * v for v in values)


def refuse(rows):
    """What must be refused, and with which status."""
    trainer = P(1)
    create = lambda opts: lib.atoms_trainer_create(context, D, c.byref(opts), c.byref(trainer))
    unset = TrainOpts()
    expect("a size that was never set", create(unset) == lib.atoms_e_argument() and "struct_size" in detail())
    expect("the handle is NULL then", not trainer)
    newer = made(TrainOptsNewer, lib.atoms_train_opts_init)
    newer.width, newer.target_l0 = WIDTH, 4
    check(create(newer))  # larger, its unknown tail zero
    lib.atoms_trainer_destroy(trainer)
    newer.unknown = 1
    expect("an unknown option", create(newer) == lib.atoms_e_unsupported())
    head = made(TrainOptsHead, lib.atoms_train_opts_init)
    head.width = 512
    check(create(head))  # smaller: the rest are defaults
    lib.atoms_trainer_destroy(trainer)
    expect("a size too small for itself", lib.atoms_train_opts_init(c.byref(unset), 3) == lib.atoms_e_argument())
    wrong = Matrix(rows.data, ROWS, D, D - 1, lib.atoms_f32(), 0)
    handle = P()
    expect("a stride below the columns", lib.atoms_rows_from_matrix(context, c.byref(wrong), c.byref(handle)) != 0 and not handle)


expect("a version", lib.atoms_version_string().decode().split(".") == [str(n) for n in (
    lib.atoms_version() // 10000, lib.atoms_version() // 100 % 100, lib.atoms_version() % 100)])
data = sparse_data()
matrix, rows = Matrix(c.addressof(data), ROWS, D, D, lib.atoms_f32(), 0), P()
check(lib.atoms_rows_from_matrix(context, c.byref(matrix), c.byref(rows)))
sae = train(rows)
expect("the width", lib.atoms_sae_d_sae(sae) == WIDTH)
l0, back = encode(sae, matrix)
error = squares(x - y for x, y in zip(data, back)) / squares(data)
expect(f"a reconstruction better than nothing: {error:.3f}", error < 1)
refuse(matrix)
lib.atoms_sae_destroy(sae)
lib.atoms_rows_destroy(rows)
lib.atoms_context_destroy(context)
print(f"trained 20 steps, L0 {l0:.1f} of {WIDTH}, unexplained {error:.3f}")
