"""Which absolute path a path of a call stands for.

A path is joined to the directory it starts from, never looked up: what a symbolic
link in it points to is not known, so "link/.." is not the directory that holds
the link, and is kept as it is. Only of a place that the kernel named itself is
it known what is above.

Pure: bytes in, bytes out.
"""

from __future__ import annotations

from argtrace.value import frozen

PATH_MAX = 4096


@frozen
class Place:
    """An absolute path. `exact`: none of its components is a symbolic link."""

    path: bytes
    exact: bool


def join(root: Place, start: Place, path: bytes) -> Place:
    """Where `path` leads from `start`, or from `root` if it begins with a slash."""
    place = root if path.startswith(b"/") else start
    for name in path.split(b"/"):
        if name in (b"", b"."):
            continue
        if name == b".." and place.exact:
            place = _above(root, place)
        else:
            place = Place(place.path.rstrip(b"/") + b"/" + name, exact=False)
    return place


def _above(root: Place, place: Place) -> Place:
    # The root is its own parent; and what an inexact root is called by the kernel is not known.
    if place.path == root.path:
        return place
    if not root.exact:
        return Place(place.path.rstrip(b"/") + b"/..", exact=False)
    return Place(place.path.rpartition(b"/")[0] or b"/", exact=True)


def of_process(path: bytes, tgid: int, tid: int) -> bytes:
    """`/proc/self/maps` is another file for each process."""
    for alias, name in (
        (b"/proc/self", b"/proc/%d" % tgid),
        (b"/proc/thread-self", b"/proc/%d/task/%d" % (tgid, tid)),
    ):
        if path == alias or path.startswith(alias + b"/"):
            return name + path[len(alias) :]
    return path
