"""How many bytes or elements there are in truth, whatever was fetched of them."""

from __future__ import annotations

from argtrace.decode.decoders import Scope
from argtrace.signature import meaning
from argtrace.signature.meaning import Content, Size
from argtrace.value import mutable


@mutable
class Left:
    """What is left of a total that several buffers share."""

    bytes: int | None = None


def size(expression: Size, scope: Scope, left: Left | None = None) -> int:
    """Raises KeyError where nobody knows. `left`: of the total that a Share is of."""
    match expression:
        case int():
            return expression
        case str():
            return scope.number(expression)
        case meaning.Result():
            return max(scope.result or 0, 0)
        case meaning.Least(of=of):
            return min(size(each, scope) for each in of)
        case meaning.At(name=name):
            return scope.number(f"*{name}")
        case meaning.Before(of=meaning.At(name=name)):
            return scope.number(f"^{name}")
        case meaning.Scaled(of=of, add=add, shift=shift, by=by):
            return (size(of, scope) + add >> shift) * by
        case meaning.Encoded(name=name, reads=reads):
            command = scope.number(name)
            return (command >> 16 & 0x3FFF) * (command >> (31 if reads else 30) & 1)
        case meaning.Share(of=of, total=total):
            left = left or Left()
            if left.bytes is None:
                left.bytes = size(total, scope)
            taken = min(scope.number(of), left.bytes)
            left.bytes -= taken
            return taken
    raise AssertionError(expression)


def known(expression: Size, scope: Scope, otherwise: int) -> int:
    try:
        return size(expression, scope)
    except KeyError:
        return otherwise


def true_size(content: Content, scope: Scope, left: Left | None = None) -> int | None:
    """That of a content which says so; None where it does not, or nobody knows."""
    match content:
        case meaning.Bytes(size=expression) | meaning.Raw(size=expression):
            wanted = expression
        case meaning.Array(count=expression):
            wanted = expression
        case _:
            return None
    try:
        return size(wanted, scope, left)
    except KeyError:
        return None
