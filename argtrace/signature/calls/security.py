"""What the arguments of the security calls mean: capabilities, seccomp, Landlock, modules, keys.

Sources: man pages of section 2, keyctl(2); kernel/capability.c, kernel/seccomp.c,
security/landlock/syscalls.c, security/lsm_syscalls.c, security/keys/keyctl.c.
"""

from __future__ import annotations

from argtrace.signature.calls.process import FPROG, rows
from argtrace.signature.meaning import (
    ADDRESS,
    ERRNO,
    FD,
    GID,
    HEX,
    INT,
    PID,
    RESULT,
    SIZE,
    UID,
    UNUSED,
    Array,
    At,
    Bytes,
    Cell,
    Choice,
    Declaration,
    In,
    InOut,
    Least,
    Meaning,
    On,
    Out,
    Raw,
    String,
    To,
    call,
    enum,
    flags,
    int32,
    struct,
)

_NEW_LISTENER = 8

_CAP_HEADER = struct("__user_cap_header_struct", version=enum("capability_version"), pid=PID)
# Twelve bytes for 32 capabilities: the first version has one of them, and the decoder looks at that.
_CAP_DATA = Raw("cap_data", 24)

_FS, _NET, _SCOPE = flags("landlock_fs"), flags("landlock_net"), flags("landlock_scope")

_SEALS: dict[str, Declaration] = {
    # The kernel writes the version it likes into a header whose version it does not know.
    "capget": call(header=InOut(_CAP_HEADER, on=On.ALWAYS), dataptr=Out(_CAP_DATA)),
    "capset": call(header=InOut(_CAP_HEADER, on=On.ALWAYS), data=In(_CAP_DATA)),
    "seccomp": call(
        Choice(
            "flags",
            "seccomp_flags",
            {"SECCOMP_FILTER_FLAG_NEW_LISTENER": FD},
            default=INT,
            mask=_NEW_LISTENER,
        ),
        op=enum("seccomp_op"),
        flags=flags("seccomp_flags"),
        uargs=Choice(
            "op",
            "seccomp_op",
            {
                "SECCOMP_SET_MODE_STRICT": ADDRESS,  # to be NULL
                "SECCOMP_SET_MODE_FILTER": In(FPROG),
                "SECCOMP_GET_ACTION_AVAIL": In(Cell("u32", flags("seccomp_action"))),
                "SECCOMP_GET_NOTIF_SIZES": Out(struct("seccomp_notif_sizes")),
            },
        ),
    ),
    "landlock_create_ruleset": call(
        Choice(
            "flags",
            "landlock_create",
            {"LANDLOCK_CREATE_RULESET_VERSION": INT, "LANDLOCK_CREATE_RULESET_ERRATA": HEX},
            default=FD,
        ),
        attr=In(
            struct(
                "landlock_ruleset_attr",
                size_="size",
                handled_access_fs=_FS,
                handled_access_net=_NET,
                scoped=_SCOPE,
                quiet_access_fs=_FS,
                quiet_access_net=_NET,
                quiet_scoped=_SCOPE,
            )
        ),
        size=SIZE,
        flags=flags("landlock_create"),
    ),
    "landlock_add_rule": call(
        ruleset_fd=FD,
        rule_type=enum("landlock_rule"),
        rule_attr=Choice(
            "rule_type",
            "landlock_rule",
            {
                "LANDLOCK_RULE_PATH_BENEATH": In(
                    struct("landlock_path_beneath_attr", allowed_access=_FS, parent_fd=FD)
                ),
                "LANDLOCK_RULE_NET_PORT": In(
                    struct("landlock_net_port_attr", allowed_access=_NET, port=SIZE)
                ),
            },
        ),
        flags=flags("landlock_add"),
    ),
    "landlock_restrict_self": call(ruleset_fd=FD, flags=flags("landlock_restrict")),
    "lsm_get_self_attr": call(
        SIZE,
        attr=enum("lsm_attr"),
        ctx=Out(Raw("lsm_contexts", At("size"))),
        size=InOut(Cell("u32", SIZE), on=On.ALWAYS),
        flags=flags("lsm_flags"),
    ),
    "lsm_set_self_attr": call(
        attr=enum("lsm_attr"), ctx=In(Raw("lsm_contexts", "size")), size=SIZE, flags=flags("lsm_flags")
    ),
    "lsm_list_modules": call(
        SIZE,
        ids=Out(Array(Cell("u64", enum("lsm_id")), RESULT)),
        size=InOut(Cell("u32", SIZE), on=On.ALWAYS),
        flags=HEX,
    ),
    "getrandom": call(SIZE, ubuf=Out(Bytes(RESULT)), len=SIZE, flags=flags("getrandom")),
}

KEY = int32("key_serial")
_NAME = In(String())
_BUFFER: tuple[Meaning, ...] = (Out(Bytes(Least(RESULT, "arg4"))), SIZE)
_TERMINATED: tuple[Meaning, ...] = (Out(Raw("terminated", Least(RESULT, "arg4"))), SIZE)
_PKEY = struct("keyctl_pkey_params", only_=("key_id", "in_len", "out_len"), key_id=KEY)
_PKEY_VERIFY = struct("keyctl_pkey_params", only_=("key_id", "in_len", "in2_len"), key_id=KEY)
_DH = struct("keyctl_dh_params", only_=("private", "prime", "base"), private=KEY, prime=KEY, base=KEY)

# arg2 to arg5 of each command.
_KEYCTL: dict[str | tuple[str, ...], tuple[Meaning, ...]] = {
    "KEYCTL_GET_KEYRING_ID": (KEY, INT),
    "KEYCTL_JOIN_SESSION_KEYRING": (_NAME,),
    "KEYCTL_UPDATE": (KEY, In(Bytes("arg4")), SIZE),
    ("KEYCTL_REVOKE", "KEYCTL_CLEAR", "KEYCTL_ASSUME_AUTHORITY", "KEYCTL_INVALIDATE"): (KEY,),
    "KEYCTL_CHOWN": (KEY, UID, GID),
    "KEYCTL_SETPERM": (KEY, flags("key_permissions")),
    ("KEYCTL_DESCRIBE", "KEYCTL_GET_SECURITY"): (KEY, *_TERMINATED),
    "KEYCTL_READ": (KEY, *_BUFFER),
    ("KEYCTL_LINK", "KEYCTL_UNLINK"): (KEY, KEY),
    "KEYCTL_SEARCH": (KEY, _NAME, _NAME, KEY),
    "KEYCTL_INSTANTIATE": (KEY, In(Bytes("arg4")), SIZE, KEY),
    "KEYCTL_NEGATE": (KEY, SIZE, KEY),
    "KEYCTL_SET_REQKEY_KEYRING": (enum("key_reqkey"),),
    "KEYCTL_SET_TIMEOUT": (KEY, SIZE),
    "KEYCTL_SESSION_TO_PARENT": (),
    "KEYCTL_REJECT": (KEY, SIZE, ERRNO, KEY),
    "KEYCTL_INSTANTIATE_IOV": (
        KEY,
        In(Array(struct("iovec", iov_base=To(Bytes("iov_len"))), "arg4")),
        SIZE,
        KEY,
    ),
    "KEYCTL_GET_PERSISTENT": (UID, KEY),
    "KEYCTL_DH_COMPUTE": (
        In(_DH),
        *_BUFFER,
        In(struct("keyctl_kdf_params", hashname=To(String()), otherinfo=To(Bytes("otherinfolen")))),
    ),
    "KEYCTL_PKEY_QUERY": (
        KEY,
        UNUSED,
        _NAME,
        Out(struct("keyctl_pkey_query", supported_ops=flags("key_supports"))),
    ),
    ("KEYCTL_PKEY_ENCRYPT", "KEYCTL_PKEY_DECRYPT", "KEYCTL_PKEY_SIGN"): (
        In(_PKEY),
        _NAME,
        In(Bytes(At("arg2.in_len"))),
        Out(Bytes(RESULT)),
    ),
    "KEYCTL_PKEY_VERIFY": (
        In(_PKEY_VERIFY),
        _NAME,
        In(Bytes(At("arg2.in_len"))),
        In(Bytes(At("arg2.in2_len"))),
    ),
    "KEYCTL_RESTRICT_KEYRING": (KEY, _NAME, _NAME),
    "KEYCTL_MOVE": (KEY, KEY, KEY, flags("key_move")),
    "KEYCTL_CAPABILITIES": (Out(Raw("key_capabilities", Least(RESULT, "arg3"))), SIZE),
    "KEYCTL_WATCH_KEY": (KEY, FD, INT),
}

_KEYS: dict[str, Declaration] = {
    "add_key": call(KEY, _type=_NAME, _description=_NAME, _payload=In(Bytes("plen")), plen=SIZE, ringid=KEY),
    "request_key": call(KEY, _type=_NAME, _description=_NAME, _callout_info=_NAME, destringid=KEY),
    "keyctl": call(
        Choice(
            "option",
            "keyctl",
            {
                ("KEYCTL_GET_KEYRING_ID", "KEYCTL_JOIN_SESSION_KEYRING", "KEYCTL_SEARCH"): KEY,
                "KEYCTL_GET_PERSISTENT": KEY,
                "KEYCTL_SET_REQKEY_KEYRING": enum("key_reqkey"),
            },
            default=INT,
        ),
        option=enum("keyctl"),
        **rows("option", "keyctl", "arg2 arg3 arg4 arg5", _KEYCTL),
    ),
}

CALLS: dict[str, Declaration] = _SEALS | _KEYS
