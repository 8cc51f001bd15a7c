"""Being told of what happens to files: inotify and fanotify.

Source: fs/notify/; include/uapi/linux/inotify.h, fanotify.h.

Not here: the events are read from the descriptor: `decode/watches.py`.
"""

from __future__ import annotations

from argtrace.signature.meaning import (
    DIRFD,
    FD,
    INT,
    Declaration,
    In,
    Path,
    call,
    flags,
)

CALLS: dict[str, Declaration] = {
    "inotify_init": call(FD),
    "inotify_init1": call(FD, flags=flags("inotify_init")),
    "inotify_add_watch": call(INT, fd=FD, pathname=In(Path()), mask=flags("inotify")),
    "inotify_rm_watch": call(fd=FD, wd=INT),
    "fanotify_init": call(FD, flags=flags("fanotify_init"), event_f_flags=flags("open")),
    "fanotify_mark": call(
        fanotify_fd=FD,
        flags=flags("fanotify_mark"),
        mask=flags("fanotify"),
        dfd=DIRFD,
        pathname=In(Path()),
    ),
}
