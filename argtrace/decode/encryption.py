"""Policies of encrypted directories: the first byte says which of two structures it is.

Source: Documentation/filesystems/fscrypt.rst, "Getting an encryption policy".
"""

from __future__ import annotations

from typing import Any

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Value
from argtrace.decode.payload import payload
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import enum, flags, struct

_MEMBERS: dict[str, Any] = {
    "contents_encryption_mode": enum("fscrypt_mode"),
    "filenames_encryption_mode": enum("fscrypt_mode"),
    "flags": flags("fscrypt_flags"),
}
_FIRST = struct("fscrypt_policy_v1", **_MEMBERS)
_SECOND = struct("fscrypt_policy_v2", **_MEMBERS)


@decodes("encryption_policy")
def encryption_policy(memory: Memory, scope: Scope) -> Value:
    policy = _SECOND if memory.data[:1] == b"\2" else _FIRST
    size = layout(policy.name).size
    return payload(policy, memory.data[:size], size, memory.address, scope)


@decodes("sized_encryption_policy")
def sized_encryption_policy(memory: Memory, scope: Scope) -> Value:
    """What FS_IOC_GET_ENCRYPTION_POLICY_EX gives: its size is before it."""
    return encryption_policy(Memory(memory.address, memory.data[8:], memory.size - 8), scope)
