"""Types and signatures as C text."""

from __future__ import annotations

from argtrace.signature.model import Int, Opaque, Pointer, Signature, Type, Void


def type_text(type: Type) -> str:
    """`const char *const *` as `const char **`: const where it matters to the caller."""
    match type:
        case Void():
            return "void"
        case Int(name) | Opaque(name):
            return name
        case Pointer(target, const):
            inner = type_text(target)
            if const and not inner.startswith("const "):
                inner = f"const {inner}"
            return f"{inner}*" if inner.endswith("*") else f"{inner} *"


def prototype(signature: Signature) -> str:
    """`long openat(int dfd, const char *filename, int flags, umode_t mode)`."""
    params = ", ".join(_declare(param.type, param.name) for param in signature.params) or "void"
    return f"{_declare(signature.result, signature.name)}({params})"


def _declare(type: Type, name: str) -> str:
    text = type_text(type)
    return f"{text}{name}" if text.endswith("*") else f"{text} {name}"
