"""What the ctypes tests share: the library named by the first argument, the two views that every room takes, a context, and checks. Nothing but the
standard library, and no header: constants come from their function twins, structs carry their size."""
import ctypes as c
import sys

lib = c.CDLL(sys.argv[1])
P, I32, I64, U32, SIZE, F64 = c.c_void_p, c.c_int32, c.c_int64, c.c_uint32, c.c_size_t, c.c_double


class Matrix(c.Structure):
    _fields_ = [("data", P), ("rows", I64), ("cols", I64), ("stride", I64), ("dtype", I32), ("reserved", I32)]


class CodesView(c.Structure):
    _fields_ = [("rows", I64), ("width", I64), ("nnz", I64), ("offset", c.POINTER(I64)), ("index", c.POINTER(I32)), ("value", c.POINTER(c.c_float))]


def declare(*functions):
    """(name, result, argument types …) each."""
    for name, result, *arguments in functions:
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments


declare(("atoms_status_name", c.c_char_p, I32), ("atoms_context_create", I32, P, P), ("atoms_context_destroy", None, P),
        ("atoms_context_detail", SIZE, P, c.c_char_p, SIZE))
context = P()


def detail():
    text = c.create_string_buffer(512)
    lib.atoms_context_detail(context, text, len(text))
    return text.value.decode()


def check(status):
    if status != lib.atoms_ok():
        raise SystemExit(f"{lib.atoms_status_name(status).decode()}: {detail()}")


def expect(what, condition):
    if not condition:
        raise SystemExit(f"failed: {what} ({detail()})")


def made(struct, init):
    value = struct()
    check(init(c.byref(value), c.sizeof(value)))
    return value


check(lib.atoms_context_create(None, c.byref(context)))
