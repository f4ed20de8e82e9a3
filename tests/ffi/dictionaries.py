"""libatoms.so through ctypes alone: a dictionary is coded with by every coder, and judged by every room that judges one. [I, Hadamard/4] in 16
dimensions, of which all is known: coherence 1/4, Babel function K/4, frame bounds 2, restricted isometry constant 1/4 for two atoms.

    python3 dictionaries.py PATH/libatoms.so
"""
import ctypes as c

from binding import F64, I32, I64, P, SIZE, U32, CodesView, Matrix, check, context, declare, detail, expect, lib, made

D, ATOMS, ROWS = 16, 32, 5
CODERS = ("pursuit", "lasso", "basis_pursuit")


def fields(kind, names):
    return [(name, kind) for name in names.split()]


class Record(c.Structure):
    _fields_ = (fields(I32, "status flags support iterations") +
                fields(F64, "norm residual objective gap kkt lambda_ lambda_max min_pivot fuchs erc") + [("reserved", F64 * 4)])


class PursuitOpts(c.Structure):
    _fields_ = [("struct_size", U32)] + fields(I32, "rule nonnegative certify") + [("max_atoms", I64)] + fields(F64, "residual residual_rel") + [
        ("gram_bytes", I64)]


class LassoOpts(c.Structure):
    _fields_ = ([("struct_size", U32)] + fields(I32, "solver nonnegative certify polish reserved") + fields(F64, "lambda_ lambda_rel ridge") +
                [("weights", c.POINTER(F64)), ("tol", F64)] + fields(I64, "max_iterations gram_bytes"))


class BasisPursuitOpts(c.Structure):
    _fields_ = [("struct_size", U32)] + fields(I32, "solver nonnegative certify") + fields(F64, "sigma sigma_rel tol") + [("max_iterations", I64)]


class Geometry(c.Structure):
    _fields_ = ([("struct_size", U32), ("reserved", I32)] + fields(I64, "atoms dim pairs") + [("pair", I64 * 2)] +
                fields(F64, "mu mu_positive p50 p90 p99 p999") + [("above", I64 * 4)] +
                fields(F64, "welch welch_ratio frame_low frame_high effective_rank mean_square") + fields(I64, "babel duplicates clusters"))


class Compare(c.Structure):
    _fields_ = ([("struct_size", U32), ("exact", I32)] + fields(I64, "atoms_a atoms_b dim matched") +
                fields(F64, "mmcs mmcs_reverse matched_mean matched_bound") + [("matched_over", F64 * 3)])


class Rip(c.Structure):
    _fields_ = ([("struct_size", U32), ("exact", I32)] + fields(I64, "atoms order") +
                fields(F64, "lower upper plus_lower plus_upper minus_lower minus_upper ratio_lower ratio_upper") +
                fields(I32, "bound plus_bound minus_bound stopped") + fields(F64, "coherence babel cassini ladder soft semidefinite") +
                fields(I64, "exact_order nodes") + [("plus_witness", I32 * 64), ("minus_witness", I32 * 64)])


class Identify(c.Structure):
    _fields_ = ([("struct_size", U32), ("feasible", I32)] + fields(I64, "atoms k atoms_inside") +
                fields(F64, "epsilon epsilon_all delta_min delta_max low high q_star q_star_all"))


OPTIONS = {"pursuit": PursuitOpts, "lasso": LassoOpts, "basis_pursuit": BasisPursuitOpts}
for room in CODERS:
    declare((f"atoms_{room}_opts_init", I32, P, SIZE), (f"atoms_{room}_create", I32, P, P, P, P), (f"atoms_{room}_destroy", None, P),
            (f"atoms_{room}_work_size", I32, P, I64, P), (f"atoms_{room}_work_init", I32, P, P, SIZE, P), (f"atoms_{room}_batch", I32, P, P, P, P, P))
declare(("atoms_dictionary_create", I32, P, P, P, P), ("atoms_dictionary_destroy", None, P), ("atoms_codes_create", I32, P, I64, P),
        ("atoms_codes_append", I32, P, P), ("atoms_codes_destroy", None, P), ("atoms_geometry_create", I32, P, P, P, P, P),
        ("atoms_geometry_destroy", None, P), ("atoms_geometry_report_init", I32, P, SIZE), ("atoms_geometry_describe", I32, P, P),
        ("atoms_geometry_babel", c.POINTER(F64), P), ("atoms_compare_report_init", I32, P, SIZE), ("atoms_compare", I32, P, P, P, P, P, P, P),
        ("atoms_rip_report_init", I32, P, SIZE), ("atoms_rip_estimate", I32, P, I64, P, P), ("atoms_rip_bound_name", c.c_char_p, I32),
        ("atoms_identify_report_init", I32, P, SIZE), ("atoms_identify", I32, P, P, P, P, P))


def matrix(values, rows, cols):
    return Matrix(c.addressof(values), rows, cols, cols, lib.atoms_f32(), 0)


def near(a, b, tolerance=1e-6):
    return abs(a - b) <= tolerance


def codes_by(room, dictionary, x):
    """Codes of the rows of x, a dict a row, and their records."""
    opts = made(OPTIONS[room], getattr(lib, f"atoms_{room}_opts_init"))
    if room == "pursuit":
        opts.max_atoms = 2
    if room == "lasso":
        opts.lambda_rel = 1e-3
    plan, work, size, view, records = P(), P(), SIZE(), CodesView(), (Record * ROWS)()
    check(getattr(lib, f"atoms_{room}_create")(context, dictionary, c.byref(opts), c.byref(plan)))
    check(getattr(lib, f"atoms_{room}_work_size")(plan, ROWS, c.byref(size)))
    memory = c.create_string_buffer(size.value)
    check(getattr(lib, f"atoms_{room}_work_init")(plan, memory, size, c.byref(work)))
    check(getattr(lib, f"atoms_{room}_batch")(plan, work, c.byref(x), c.byref(view), records))
    codes = [{view.index[e]: view.value[e] for e in range(view.offset[r], view.offset[r + 1])} for r in range(ROWS)]
    getattr(lib, f"atoms_{room}_destroy")(plan)
    return codes, records


def code(dictionary, x, truth):
    """With two atoms and a coherence of 1/4 every coder finds the code; lasso up to its shrinkage."""
    for room in CODERS:
        codes, records = codes_by(room, dictionary, x)
        tolerance = .02 if room == "lasso" else 1e-5
        for row, (got, want) in enumerate(zip(codes, truth)):
            expect(f"{room}: row {row} has its two atoms", got.keys() == want.keys())
            expect(f"{room}: row {row} has its values", all(near(got[j], want[j], tolerance) for j in want))
            record = records[row]
            expect(f"{room}: the record's ends line up", record.support == 2 and record.norm > 3 and list(record.reserved) == [0] * 4)
            expect(f"{room}: converged", record.status == lib.atoms_code_converged() and record.residual < tolerance * record.norm)


def judge(atoms, dictionary, truth):
    geometry, report = P(), made(Geometry, lib.atoms_geometry_report_init)
    check(lib.atoms_geometry_create(context, c.byref(atoms), None, None, c.byref(geometry)))
    check(lib.atoms_geometry_describe(geometry, c.byref(report)))
    expect("geometry", report.mu == report.mu_positive == .25 and near(report.frame_low, 2) and near(report.frame_high, 2))
    expect("geometry's end lines up", report.babel == ATOMS - 1 and report.duplicates == report.clusters == 0)
    expect("Babel", [lib.atoms_geometry_babel(geometry)[k] for k in (0, 3, 30)] == [.25, 1, 4])
    lib.atoms_geometry_destroy(geometry)

    match, same = (I64 * ATOMS)(), made(Compare, lib.atoms_compare_report_init)
    check(lib.atoms_compare(context, c.byref(atoms), c.byref(atoms), None, None, match, c.byref(same)))
    expect("compare", list(match) == list(range(ATOMS)) and same.exact == same.mmcs == same.matched_mean == same.matched_over[2] == 1)

    rip = made(Rip, lib.atoms_rip_report_init)
    check(lib.atoms_rip_estimate(dictionary, 2, None, c.byref(rip)))
    expect("rip", rip.exact == 1 and rip.lower <= .25 <= rip.upper and near(rip.lower, rip.upper, 1e-9) and rip.coherence >= .25)
    expect("rip's ends line up", rip.plus_witness[2] == rip.minus_witness[63] == -1 and lib.atoms_rip_bound_name(rip.bound) != b"none")

    codes, found = P(), made(Identify, lib.atoms_identify_report_init)
    offset = (I64 * (ROWS + 1))(*range(0, 2 * ROWS + 1, 2))
    index = (I32 * (2 * ROWS))(*[j for row in truth for j in sorted(row)])
    value = (c.c_float * (2 * ROWS))(*[row[j] for row in truth for j in sorted(row)])
    check(lib.atoms_codes_create(context, ATOMS, c.byref(codes)))
    check(lib.atoms_codes_append(codes, c.byref(CodesView(ROWS, ATOMS, 2 * ROWS, offset, index, value))))
    check(lib.atoms_identify(dictionary, codes, None, None, c.byref(found)))
    expect("identify", found.k == 2 and near(found.epsilon, .25) and near(found.delta_min, 2) and near(found.delta_max, 3 + ROWS - 1))
    expect("identify's end lines up", found.q_star == found.q_star_all == 1 and found.atoms_inside == -1 and not found.feasible)
    lib.atoms_codes_destroy(codes)


values = (c.c_float * (ATOMS * D))()
for i in range(D):
    values[i * D + i] = 1
    for j in range(D):
        values[(D + i) * D + j] = (-1) ** bin(i & j).count("1") / 4
truth = [{r: 3. + r, D + 2 * r + 1: 2.} for r in range(ROWS)]
signals = (c.c_float * (ROWS * D))(*[sum(a * values[j * D + k] for j, a in row.items()) for row in truth for k in range(D)])
atoms, x, dictionary = matrix(values, ATOMS, D), matrix(signals, ROWS, D), P()
check(lib.atoms_dictionary_create(context, c.byref(atoms), None, c.byref(dictionary)))
code(dictionary, x, truth)
judge(atoms, dictionary, truth)
values[0] = 0
expect("an atom of zeros", lib.atoms_dictionary_create(context, c.byref(atoms), None, c.byref(P())) != 0 and "atom 0 has length 0" in detail())
lib.atoms_dictionary_destroy(dictionary)
lib.atoms_context_destroy(context)
print(f"{len(CODERS)} coders found {ROWS} codes; geometry, compare, rip and identify have the figures known by hand")
