"""Which `char *` of a system call is a NUL-terminated string, and which is not.

Source: the manual pages of section 2, and the kernel's own reading of the
argument: a string goes through getname() or strndup_user()/strncpy_from_user(),
a buffer through copy_from_user() with a length.

A rule with exceptions keeps the table short: `const char *` is a path, unless it
is here. `char *` is an output or an old spelling, and only a string if it is here.
"""

from __future__ import annotations

from argtrace.signature.c_types import is_string, is_strings
from argtrace.signature.model import Content, Pointer, Type

# const char * with a length beside it, or that is no text at all.
_BUFFERS = frozenset(
    {
        ("write", "buf"),
        ("pwrite64", "buf"),
        ("mq_timedsend", "u_msg_ptr"),
        ("kexec_file_load", "cmdline_ptr"),
    }
)

# Strings that name something other than a file.
_STRINGS = frozenset(
    {
        ("mount", "type"),
        ("init_module", "uargs"),
        ("finit_module", "uargs"),
        ("delete_module", "name_user"),
        *((f"{prefix}xattr", "name") for prefix in ("set", "lset", "fset", "get", "lget", "fget")),
        *((f"{prefix}xattr", "name") for prefix in ("remove", "lremove", "fremove")),
        *((f"{verb}xattrat", "name") for verb in ("set", "get", "remove")),
        ("mq_open", "u_name"),
        ("mq_unlink", "u_name"),
        ("add_key", "_type"),
        ("add_key", "_description"),
        ("request_key", "_type"),
        ("request_key", "_description"),
        ("request_key", "_callout_info"),
        ("memfd_create", "uname"),
        ("fsopen", "_fs_name"),
        ("fsconfig", "_key"),
    }
)

# Declared `char *` without const, and still read as a path.
_UNCONST_PATHS = frozenset(
    {
        ("utime", "filename"),
        ("utimes", "filename"),
        ("mount", "dev_name"),
        ("mount", "dir_name"),
        ("umount2", "name"),
    }
)


def content(call: str, param: str, type: Type) -> Content | None:
    """What the pointer points to, where that is a string or an array of strings."""
    key = (call, param)
    if key in _STRINGS:
        return Content.STRING
    if key in _UNCONST_PATHS:
        return Content.PATH
    if is_strings(type):
        return Content.STRINGS
    if is_string(type) and isinstance(type, Pointer) and type.const and key not in _BUFFERS:
        return Content.PATH
    return None
