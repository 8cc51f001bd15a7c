"""What the commands of input devices are given that no layout describes.

    EVIOCGBIT(EV_KEY, 96)    [KEY_ESC, KEY_1, …]
    EVIOCGMTSLOTS(44)        {code=ABS_MT_TRACKING_ID, values=[1, -1, …]}
    EVIOCGKEYCODE            [30, KEY_A]

Source: include/uapi/linux/input.h; drivers/input/evdev.c.
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Bytes, Int, List, Missing, Named, Struct, Value, Why
from argtrace.signature import constants
from argtrace.signature.meaning import Array, Cell, enum
from argtrace.signature.model import Int as IntType

_WORD = IntType("u32", 4, signed=False)
_VALUES = Array(Cell("int"), 0)


def bits(memory: Memory, table: str) -> Value:
    """A set of numbers, each a bit."""
    names = constants.table(table).names
    # Byte by byte: a shift of the whole is as long as the whole.
    numbers = (
        8 * at + bit for at, byte in enumerate(memory.data) if byte for bit in range(8) if byte >> bit & 1
    )
    items = tuple(
        Named(number, number, names[number]) if number in names else Int(number, number) for number in numbers
    )
    return List(memory.address, items, Missing(0, Why.CUT, "not fetched") if memory.cut else None)


@decodes("multitouch_slots")
def multitouch_slots(memory: Memory, scope: Scope) -> Value:
    """An axis, and its value in each slot."""
    data = memory.data
    if len(data) < _WORD.size:
        return Bytes(memory.address, data, memory.size)
    code = scope.leaf(enum("input_absolute"), int.from_bytes(data[: _WORD.size], "little"), _WORD)
    values = scope.content(_VALUES, data[_WORD.size :], 0)
    return Struct(memory.address, "input_mt_request_layout", (("code", code), ("values", values)))


@decodes("key_code")
def key_code(memory: Memory, scope: Scope) -> Value:
    """What a keyboard sends, and the key that it is."""
    data = memory.data
    if len(data) < 2 * _WORD.size:
        return Bytes(memory.address, data, memory.size)
    sent = int.from_bytes(data[: _WORD.size], "little")
    key = int.from_bytes(data[_WORD.size : 2 * _WORD.size], "little")
    return List(memory.address, (Int(sent, sent), scope.leaf(enum("input_key"), key, _WORD)))
