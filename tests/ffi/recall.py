"""libsynres.so through ctypes alone: a layer that lets its input through writes facts and recalls them; saved, loaded, rewound, refused.

    python3 recall.py PATH/libsynres.so
"""
import ctypes as c
import sys

lib = c.CDLL(sys.argv[1])
KEY, VALUE = 2, 3
IN = KEY + VALUE + 1  # x = (key, value, push), beta = sigmoid(push)
F = c.POINTER(c.c_float)


class Tap(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_int32), ("d_out", c.c_int64), ("B", F), ("gain", F), ("gate", F), ("gate_bias", F),
                ("scale", c.c_double), ("cap", c.c_double)]


class Layer(c.Structure):
    _fields_ = ([("struct_size", c.c_uint32), ("flags", c.c_int32)] + [(name, c.c_int64) for name in ("d_in", "heads", "d_key", "d_value")] +
                [("activation", c.c_int32), ("threshold", c.c_int32), ("taps", c.c_int64), ("tap", c.POINTER(Tap))] +
                [(name, F) for name in ("A_key", "A_query", "A_value", "w_beta", "b_beta", "w_decay", "b_decay", "rate", "kappa_beta",
                                        "kappa_decay", "kappa_agreement")] +
                [(name, c.c_double) for name in ("beta_max", "max_decay", "mu", "nu", "epsilon")] + [("block", c.c_int64), ("radius", c.c_double)])


class LayerHead(c.Structure):  # a caller that knows the first fields only
    _fields_ = Layer._fields_[:14]


class LayerNewer(c.Structure):  # a caller that knows more than the library
    _fields_ = Layer._fields_ + [("unknown", c.c_int64)]


class View(c.Structure):
    _fields_ = ([("struct_size", c.c_uint32), ("reserved", c.c_int32)] +
                [(name, c.c_int64) for name in ("layer", "head", "d_key", "d_value", "stride")] +
                [(name, F) for name in ("key", "value", "trace", "block_state")])


Signals = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(View), F)


class Relevance(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("api_version", c.c_uint32), ("user", c.c_void_p), ("signals", Signals)]


class Host(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_int32), ("memory_user", c.c_void_p), ("allocate", c.c_void_p), ("release", c.c_void_p),
                ("words", c.c_char_p), ("words_size", c.c_int64), ("relevance", c.POINTER(Relevance))]


class Batch(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("reserved", c.c_int32), ("tokens", c.c_int64), ("x", F), ("ldx", c.c_int64), ("states", c.POINTER(c.c_void_p))]


P, I32, I64, SIZE = c.c_void_p, c.c_int32, c.c_int64, c.c_size_t
for name, result, *arguments in [
        ("synres_version", I32), ("synres_version_string", c.c_char_p), ("synres_status_name", c.c_char_p, I32), ("synres_step_kernel", c.c_char_p),
        ("synres_layer_weights_init", I32, P, SIZE), ("synres_tap_weights_init", I32, P, SIZE), ("synres_host_init", I32, P, SIZE),
        ("synres_batch_init", I32, P, SIZE), ("synres_model_create", I32, P, P, I64, P), ("synres_model_destroy", None, P),
        ("synres_model_bytes", I32, P, P, P), ("synres_model_load_bytes", I32, P, P, SIZE, P), ("synres_model_hash", c.c_uint64, P),
        ("synres_state_size", I32, P, I64, P), ("synres_state_init", I32, P, I64, P, SIZE, P), ("synres_state_mark", I32, P, P),
        ("synres_state_rewind", I32, P, I64), ("synres_state_save_size", I32, P, P), ("synres_state_save", I32, P, P, SIZE),
        ("synres_state_load", I32, P, P, SIZE), ("synres_state_bound", I32, P, I64, I64, P), ("synres_state_norm", I32, P, I64, I64, P),
        ("synres_work_size", I32, P, I64, P), ("synres_work_init", I32, P, I64, P, SIZE, P), ("synres_work_flagged", I32, P, I64, P),
        ("synres_run", I32, P, I64, P, P, I32, I32), ("synres_tap", I32, P, I64, I64, P, P, I64, I32, I32)]:
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments


def check(status):
    if status != lib.synres_ok():
        raise SystemExit(lib.synres_status_name(status).decode())


def expect(what, condition):
    if not condition:
        raise SystemExit(f"failed: {what}")


def made(struct, init):
    value = struct()
    check(init(c.byref(value), c.sizeof(value)))
    return value


def floats(values):
    values = list(values)
    return (c.c_float * len(values))(*values)


def matrix(rows, ones):
    return floats(1 if j == ones + i else 0 for i in range(rows) for j in range(IN))


KEEP = [matrix(KEY, 0), matrix(VALUE, KEY), matrix(1, KEY + VALUE), floats(1 if i == j else 0 for i in range(VALUE) for j in range(VALUE)), floats([0])]


def layer_of(struct=Layer):
    tap = made(Tap, lib.synres_tap_weights_init)
    tap.d_out, tap.B = VALUE, KEEP[3]
    layer = made(struct, lib.synres_layer_weights_init)
    expect("defaults arrive", (layer.flags, layer.heads) == (lib.synres_rule_erase(), 1))
    layer.d_in, layer.d_key, layer.d_value, layer.taps, layer.tap = IN, KEY, VALUE, 1, c.pointer(tap)
    layer.A_key, layer.A_query, layer.A_value, layer.w_beta = KEEP[0], KEEP[0], KEEP[1], KEEP[2]
    return layer


def create(layer, host=None):
    model = P(1)
    return lib.synres_model_create(host and c.byref(host), c.byref(layer), 1, c.byref(model)), model


def memory_for(size, init, *arguments):
    """The library's own measure of it, and the thing inside."""
    bytes_, thing = SIZE(), P()
    check(size(*arguments, c.byref(bytes_)))
    room = c.create_string_buffer(bytes_.value)
    check(init(*arguments, room, bytes_, c.byref(thing)))
    return thing, room


def token(model, work, state, key, value, push):
    """One token; what the tap adds to zeros."""
    batch, y = made(Batch, lib.synres_batch_init), (c.c_float * VALUE)()
    batch.tokens, batch.x, batch.states = 1, floats([*key, *value, push]), (P * 1)(state)
    check(lib.synres_run(model, 0, c.byref(batch), work, 0, 1))
    check(lib.synres_tap(model, 0, 0, work, y, 0, 0, 1))
    return list(y)


def near(a, b):  # the default decay takes a 4096th a token
    return all(abs(x - y) < 1e-2 for x, y in zip(a, b))


def recall():
    layer = layer_of()
    layer.epsilon = 1e-12
    status, model = create(layer)
    check(status)
    state, room = memory_for(lib.synres_state_size, lib.synres_state_init, model, 4)
    work, work_room = memory_for(lib.synres_work_size, lib.synres_work_init, model, 1)
    token(model, work, state, [1, 0], [5, -3, 2], 100)
    token(model, work, state, [0, 1], [1, 1, 1], 100)
    size, mark, bound, norm, flagged = SIZE(), I64(), c.c_double(), c.c_double(), I64()
    check(lib.synres_state_save_size(state, c.byref(size)))
    saved = c.create_string_buffer(size.value)
    check(lib.synres_state_save(state, saved, size))
    expect("a key recalls its value", near(token(model, work, state, [1, 0], [0, 0, 0], -100), [5, -3, 2]))
    token(model, work, state, [1, 0], [7, 7, 7], 100)
    expect("a key written again recalls the new one", near(token(model, work, state, [1, 0], [0, 0, 0], -100), [7, 7, 7]))
    check(lib.synres_state_rewind(state, 2))
    check(lib.synres_state_mark(state, c.byref(mark)))
    again = c.create_string_buffer(size.value)
    check(lib.synres_state_save(state, again, size))
    expect("rewound bit for bit", mark.value == 2 and again.raw == saved.raw)
    expect("a bad token adds nothing", token(model, work, state, [float("nan"), 0], [1, 1, 1], 100) == [0, 0, 0])
    check(lib.synres_work_flagged(work, 0, c.byref(flagged)))
    check(lib.synres_state_bound(state, 0, 0, c.byref(bound)))
    check(lib.synres_state_norm(state, 0, 0, c.byref(norm)))
    expect("flagged, and below its bound", flagged.value == 1 and 0 < norm.value <= bound.value * 1.00001)
    image, image_size, loaded = P(), SIZE(), P()
    check(lib.synres_model_bytes(model, c.byref(image), c.byref(image_size)))
    check(lib.synres_model_load_bytes(None, image, image_size, c.byref(loaded)))
    expect("the same model", lib.synres_model_hash(loaded) == lib.synres_model_hash(model))
    other, other_room = memory_for(lib.synres_state_size, lib.synres_state_init, loaded, 0)
    check(lib.synres_state_load(other, saved, size))
    saved[70] = bytes([saved.raw[70] ^ 1])
    expect("damaged bytes", lib.synres_state_load(other, saved, size) == lib.synres_e_format())
    lib.synres_model_destroy(loaded)
    lib.synres_model_destroy(model)
    return norm.value, bound.value


def refuse():
    words = c.create_string_buffer(200)
    host = made(Host, lib.synres_host_init)
    host.words, host.words_size = c.cast(words, c.c_char_p), len(words)
    unset = Layer()
    expect("a size that was never set", create(unset)[0] == lib.synres_e_argument())
    layer = layer_of()
    layer.max_decay = 1
    status, model = create(layer, host)
    expect("a rule without a bound, with words", status == lib.synres_e_certificate() and not model and b"without decay" in words.value)
    layer.radius = 2
    status, model = create(layer)
    check(status)
    lib.synres_model_destroy(model)
    head = layer_of(LayerHead)  # smaller: the rest are defaults
    status, model = create(head)
    check(status)
    lib.synres_model_destroy(model)
    newer = layer_of(LayerNewer)  # larger, its unknown tail zero
    status, model = create(newer)
    check(status)
    lib.synres_model_destroy(model)
    newer.unknown = 1
    expect("an unknown field", create(newer)[0] == lib.synres_e_unsupported())


def listen():
    """A relevance of the host's own, written in Python, is asked for each token."""
    seen = []

    def signals(_, view, out):
        seen.append((view[0].d_key, round(view[0].key[0], 3)))
        out[0], out[1] = 1, 0

    relevance = Relevance(c.sizeof(Relevance), lib.synres_relevance_version(), None, Signals(signals))
    host = made(Host, lib.synres_host_init)
    host.relevance = c.pointer(relevance)
    layer = layer_of()
    layer.kappa_beta = floats([2])
    status, model = create(layer, host)
    check(status)
    state, room = memory_for(lib.synres_state_size, lib.synres_state_init, model, 0)
    work, work_room = memory_for(lib.synres_work_size, lib.synres_work_init, model, 1)
    added = token(model, work, state, [3, 4], [1, 0, 0], 0)
    expect("asked once, with the unit key", seen == [(KEY, 0.6)])
    expect("and heard: sigmoid(2)", abs(added[0] - 0.8808) < 1e-3)
    lib.synres_model_destroy(model)


expect("a version", lib.synres_version_string().decode().split(".") == [str(n) for n in (
    lib.synres_version() // 10000, lib.synres_version() // 100 % 100, lib.synres_version() % 100)])
norm, bound = recall()
refuse()
listen()
print(f"recalled on {lib.synres_step_kernel().decode()}, norm {norm:.3f} of at most {bound:.3f}")
