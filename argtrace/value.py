"""Frozen dataclasses whose making costs nothing until they are used.

A trace of `true` imports some hundred classes and makes values of thirty. The dataclasses of the
standard library write the source of six methods for each and compile it, 0.9 ms a class, and bring
`inspect` along: that was a third of the start-up. Here methods are shared, but for `__init__`, which is
compiled when the first value is made.

    @frozen                           as @dataclass(frozen=True, slots=True)
    class Scaled:
        of: Size
        add: int = 0

`dataclasses.fields`, `replace` and `asdict` work as ever (a dataclass cannot derive from a value; another
value can). For our own use `replace` is here too, so that start-up need not import theirs.

Source: PEP 557, PEP 681.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import Field

T = TypeVar("T")


class _Factory:
    """The default of a field that is made anew for each value."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def fresh(*, factory: Callable[[], T]) -> T:
    """The default of a field: what `factory` gives, for each value anew."""
    default: Any = _Factory(factory)
    return default  # type: ignore[no-any-return]


class _Fields:
    """What the standard library knows a dataclass by, found out when it asks."""

    def __get__(self, instance: object, owner: Any) -> dict[str, Field[Any]]:
        import dataclasses  # noqa: PLC0415 (start-up: what this module is there to avoid)

        fields: list[tuple[str, Any, Any]] = []
        for name in owner.__match_args__:
            default = owner.__value_defaults__.get(name, dataclasses.MISSING)
            made_each = isinstance(default, _Factory)
            field = (
                dataclasses.field(default_factory=default.make)
                if made_each
                else dataclasses.field(default=default)
            )
            fields.append((name, _annotation(owner, name), field))
        twin: Any = dataclasses.make_dataclass(owner.__name__, fields)
        found: dict[str, Field[Any]] = twin.__dataclass_fields__
        return found


@dataclass_transform(frozen_default=True, field_specifiers=(fresh,))
def frozen(cls: type[T]) -> type[T]:
    """A class of frozen values: equal if their fields are."""
    built: type[T] = _build(cls, {"__setattr__": _refuse, "__delattr__": _refuse, "__hash__": _hash})
    return built


@dataclass_transform(field_specifiers=(fresh,))
def mutable(cls: type[T]) -> type[T]:
    """The same, with fields that may be set."""
    built: type[T] = _build(cls, {"__hash__": None})
    return built


def replace(of: T, **changes: object) -> T:
    """The same value with some fields changed."""
    kind: Any = type(of)
    changed: T = kind(**{name: getattr(of, name) for name in names(of)} | changes)
    return changed


def names(of: object) -> tuple[str, ...]:
    """The fields of a value; none of what is no value."""
    kind: Any = type(of)
    return kind.__match_args__ if hasattr(kind, "__value_key__") else ()


def _build(cls: Any, methods: dict[str, object]) -> Any:
    own = cls.__dict__
    names = tuple(name for name, type in own.get("__annotations__", {}).items() if not _of_class(type))
    inherited: tuple[str, ...] = getattr(cls, "__match_args__", ())
    everything = (*inherited, *(name for name in names if name not in inherited))
    body = {name: kept for name, kept in own.items() if name not in names and name not in _NOT_KEPT}
    shared = {name: method for name, method in (_SHARED | methods).items() if name not in body}
    of_its_own = {
        "__slots__": tuple(name for name in names if name not in inherited),
        "__match_args__": everything,
        "__qualname__": cls.__qualname__,
        # Of one field its value, of several a tuple: what is compared and hashed.
        "__value_key__": staticmethod(attrgetter(*everything) if everything else _nothing),
        "__value_defaults__": getattr(cls, "__value_defaults__", {}) | {n: own[n] for n in names if n in own},
    }
    made: Any = type(cls)(cls.__name__, cls.__bases__, shared | body | of_its_own)
    if "__init__" not in body:

        def first(self: object, *arguments: object, **named: object) -> None:
            made.__init__ = _initialize(made)
            made.__init__(self, *arguments, **named)

        made.__init__ = first
    return made


def _of_class(annotation: object) -> bool:
    return isinstance(annotation, str) and annotation.startswith("ClassVar")


def _annotation(cls: type, name: str) -> object:
    kin = (vars(kind).get("__annotations__", {}) for kind in cls.__mro__)
    return next(annotations[name] for annotations in kin if name in annotations)


def _initialize(cls: Any) -> Callable[..., None]:
    """`__init__`, from the names of fields: the one method that is written and compiled."""
    defaults = cls.__value_defaults__
    scope: dict[str, object] = {"_missing": _MISSING}
    parameters, lines = [], []
    for name in cls.__match_args__:
        # A slot's own setter: the class's may refuse.
        scope[f"_set_{name}"] = getattr(cls, name).__set__
        default = defaults.get(name, _MISSING)
        if isinstance(default, _Factory):
            scope[f"_make_{name}"] = default.make
            parameters.append(f"{name}=_missing")
            lines.append(f"_set_{name}(self, _make_{name}() if {name} is _missing else {name})")
            continue
        if default is not _MISSING:
            scope[f"_default_{name}"] = default
        parameters.append(name if default is _MISSING else f"{name}=_default_{name}")
        lines.append(f"_set_{name}(self, {name})")
    body = "\n ".join(lines) or "pass"
    exec(f"def __init__(self, {', '.join(parameters)}):\n {body}", scope)  # noqa: S102 (names of ours alone)
    made: Any = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    initialize: Callable[..., None] = made
    return initialize


def _values(of: Any) -> tuple[object, ...]:
    return tuple([getattr(of, name) for name in of.__match_args__])


def _nothing(_: object) -> tuple[()]:
    return ()


def _equal(self: Any, other: Any) -> Any:
    if type(self) is not type(other):
        return NotImplemented
    return self.__value_key__(self) == self.__value_key__(other)


def _hash(self: Any) -> int:
    return hash(self.__value_key__(self))


def _repr(self: Any) -> str:
    text = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__qualname__}({text})"


def _refuse(self: object, name: str, value: object = None) -> None:  # noqa: ARG001 (both setting and deleting)
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 (start-up)

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _reduce(self: Any) -> tuple[object, ...]:
    return _restore, (type(self), _values(self))


def _restore(cls: Any, values: tuple[object, ...]) -> object:
    """A value as copied or unpickled: not by its `__init__`, which may take other arguments."""
    restored = object.__new__(cls)
    for name, each in zip(cls.__match_args__, values, strict=True):
        getattr(cls, name).__set__(restored, each)
    return restored


_MISSING = object()

_NOT_KEPT = frozenset({"__dict__", "__weakref__", "__value_defaults__", "__value_key__"})

_SHARED: dict[str, object] = {
    "__eq__": _equal,
    "__repr__": _repr,
    "__reduce__": _reduce,
    "__dataclass_fields__": _Fields(),
}
