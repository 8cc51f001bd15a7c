"""Program starts as lines and as objects.

          TIME     UID     PID    PPID PARENT           RESULT    COMMAND
         0.823    1000   12345   12340 bash             0         ls -l 'two words'  # /usr/bin/ls
         2.104    1000   12345   12340 bash             exit 0    ls  # ran 1.204 ms

What is behind `#` a shell takes for a comment: the line from COMMAND on can be pasted. Objects are
described in docs/reference/execs.md.
"""

from __future__ import annotations

import base64
import time as clock
from collections.abc import Iterable, Iterator

from argtrace.decode.events import Event, Lost, Note
from argtrace.decode.execs import End, Execs, Gap, Start, Word, Words
from argtrace.decode.process import Ending
from argtrace.decode.unseen import Gone
from argtrace.present import jsonl
from argtrace.present.escape import ASCII, plain
from argtrace.present.output import Output
from argtrace.present.shell import assignment, is_assignment, word, words
from argtrace.value import frozen

HEAD = "      TIME     UID     PID    PPID PARENT           RESULT    COMMAND"

_RED, _PLAIN = "\x1b[31m", "\x1b[0m"


@frozen
class Look:
    """How lines look. `origin`: ns of CLOCK_MONOTONIC that times count from; `realtime`: what to add to
    get a time since the epoch, for `absolute` ones. `environment`: None for nothing of it, no names for
    all. `ends`: lines for ends too; `at_end`: one line a program, when it has ended."""

    origin: int = 0
    realtime: int = 0
    absolute: bool = False
    environment: frozenset[bytes] | None = None
    cwd: bool = False
    cgroup: bool = False
    ends: bool = True
    at_end: bool = False
    color: bool = False


class ExecSink:
    """Where a trace's events become starts and ends, and those what is written."""

    json = False  # no calls are written as objects

    def __init__(self, output: Output, execs: Execs, look: Look, *, objects: bool) -> None:
        self.output = output
        self._execs = execs
        self._look = look
        self._objects = objects

    def event(self, event: Event) -> bool:
        written = self.written(event)
        self.output.write(written)
        return bool(written)

    def written(self, event: Event) -> str:
        return "".join([f"{line}\n" for line in self._lines(event)])

    def _lines(self, event: Event) -> Iterator[str]:
        if isinstance(event, Lost | Note):
            yield jsonl.encode(jsonl.to_json(event)) if self._objects else alarm(event, self._look)
            return
        for found in self._execs.feed(event):
            if self._objects:
                yield jsonl.encode(to_json(found, self._look))
            elif (line := to_line(found, self._look)) is not None:
                yield line

    def look(self, gone: Gone, now: int) -> None:
        """See `Execs.look`."""
        self._execs.look(gone, now)

    def still_running(self, now: int) -> None:
        """Those whose lines would have come at their end."""
        if self._look.at_end and not self._objects:
            for start in self._execs.running():
                self.output.write(_line(start, self._look, "running", now) + "\n")

    def line(self, json: jsonl.Json) -> None:
        self.output.write(jsonl.encode(json) + "\n")

    def flush(self) -> None:
        self.output.flush()

    def close(self) -> None:
        self.output.close()


def alarm(event: Lost | Note, look: Look) -> str:
    if isinstance(event, Note):
        # It may quote what others have named: a cgroup, say.
        text = f"-- {plain(event.text.encode(errors='surrogateescape'), ASCII)} --"
    else:
        text = f"-- {event.count} records lost here: the buffer was full, try a larger --buffer --"
    return f"{_RED}{text}{_PLAIN}" if look.color else text


def to_line(found: Start | End, look: Look) -> str | None:
    if isinstance(found, Start):
        if look.at_end and found.worked:
            return None
        return _line(found, look, _result(found))
    if look.at_end:
        return _line(found.start, look, _ended(found), found.time)
    return _end_line(found, look) if look.ends else None


def _line(start: Start, look: Look, result: str, ended: int | None = None) -> str:
    remarks = list(_remarks(start, look))
    if ended is not None:
        remarks.insert(0, f"ran {_ms(ended - (start.returned or start.time))} ms")
    comment = f"  # {', '.join(remarks)}" if remarks else ""
    command = " ".join([*_environment(start, look), *_command(start.argv)])
    return f"{_head(start, look, start.time)} {result:<9} {command}{comment}"


def _end_line(end: End, look: Look) -> str:
    name = (
        end.start.argv.words[0].data
        if end.start.argv.words
        else end.start.comm.encode(errors="surrogateescape")
    )
    return f"{_head(end.start, look, end.time)} {_ended(end):<9} {word(name)}  # ran {_ms(end.ran)} ms"


def _head(start: Start, look: Look, time: int) -> str:
    stamp = _time(time, look)
    setting = start.setting
    if setting is None:
        return f"{stamp:>10} {'?':>7} {start.pid:>7} {'?':>7} {'?':<16}"
    parent = plain(setting.parent_comm.encode(errors="surrogateescape"))
    return f"{stamp:>10} {setting.uid:>7} {start.pid:>7} {setting.parent:>7} {parent:<16}"


def _time(time: int, look: Look) -> str:
    if not look.absolute:
        return _ms(time - look.origin)
    seconds, ns = divmod(time + look.realtime, 1_000_000_000)
    return f"{clock.strftime('%H:%M:%S', clock.localtime(seconds))}.{ns // 1000:06}"


def _ms(ns: int) -> str:
    return f"{ns / 1_000_000:.3f}"


def _result(start: Start) -> str:
    if start.error is not None:
        return start.error
    return "?" if start.result is None else str(start.result)


def _ended(end: End) -> str:
    if end.ending is not None:
        return _ending(end.ending)
    return "?" if end.lost else "exec"


def _ending(ending: Ending) -> str:
    if ending.signal is not None:
        return f"{ending.signal}+core" if ending.core else ending.signal
    return f"exit {ending.status}"


def _command(argv: Words) -> list[str]:
    """What could not be read is in brackets: no word that is shown has them bare."""
    quoted = words([each.data for each in argv.words])
    for at, each in enumerate(argv.words):
        if each.lack is not None:
            quoted[at] = f"{quoted[at]}[{each.lack}]" if each.data else f"[{each.lack}]"
    return quoted if argv.gap is None else [*quoted, "[...]"]


def _chosen(start: Start, look: Look) -> list[Word]:
    """The entries that are wanted."""
    names = look.environment
    if names is None:
        return []
    return [entry for entry in start.env.words if not names or entry.data.partition(b"=")[0] in names]


def _environment(start: Start, look: Look) -> list[str]:
    """All of it by env(1), or what was chosen as assignments. One without an equals sign is a remark."""
    entries = [entry for entry in _chosen(start, look) if b"=" in entry.data]
    shown = [assignment(entry.data) + (f"[{entry.lack}]" if entry.lack else "") for entry in entries]
    if look.environment is None:
        return []
    if not look.environment:
        return ["env", "-i", *shown, *(["[...]"] if start.env.gap else [])]
    plain = all(is_assignment(entry.data) for entry in entries)
    return shown if plain else ["env", *shown]


def _remarks(start: Start, look: Look) -> Iterator[str]:
    """What else there is to say of a start."""
    setting = start.setting
    name = start.filename
    if name is not None and name.lack is not None:
        yield f"file name: {name.lack}"
    elif name is not None and (not start.argv.words or start.argv.words[0].data != name.data):
        yield word(name.data) if name.data or start.dirfd is None else f"fd {start.dirfd}"
    if start.dirfd is not None and name is not None and name.data and not name.data.startswith(b"/"):
        yield f"from fd {start.dirfd}"
    if (other := start.other_program) is not None:
        yield f"runs {word(other)}"
    if setting is not None:
        if look.cwd or _relative(start):
            yield f"in {'?' if setting.cwd is None else word(setting.cwd)}"
        if setting.euid != setting.uid:
            yield f"as uid {setting.euid}"
        container = None if setting.cgroup is None else setting.cgroup.container
        if container is not None:
            yield f"{container.runtime} {plain(container.short.encode(errors='surrogateescape'))}"
        if look.cgroup and setting.cgroup is not None:
            path = setting.cgroup.path
            yield f"cgroup {'?' if path is None else word(path.encode(errors='surrogateescape'))}"
    else:
        yield "its parent, user and directory are not known"
    odd = [word(entry.data) for entry in _chosen(start, look) if b"=" not in entry.data and not entry.lack]
    if odd:
        yield f"env has {' '.join(odd)} without ="
    yield from _unset(start, look.environment or frozenset())
    if start.called is None:
        yield "entry not seen"
    yield from _gaps("argv", start.argv)
    if look.environment is not None or start.env.gap is not None:
        yield from _gaps("env", start.env)


def _relative(start: Start) -> bool:
    """Whether the working directory decides which file it is."""
    return (
        start.filename is not None
        and b"/" in start.filename.data
        and not start.filename.data.startswith(b"/")
    )


def _unset(start: Start, names: Iterable[bytes]) -> Iterator[str]:
    there = start.environment()
    for name in sorted(names):
        if name not in there:
            yield (
                f"{word(name)} is not set" if start.env.complete else f"{word(name)} is not in what was read"
            )


def _gaps(what: str, found: Words) -> Iterator[str]:
    unread = sum(each.lack is not None for each in found.words)
    if unread:
        yield f"{unread} of {what} not read"
    if found.gap is not None:
        yield f"{what}: {_gap(found.gap)}"


def _gap(gap: Gap) -> str:
    much = [f"{gap.strings} strings"] if gap.strings is not None else []
    much += [f"{gap.bytes} bytes"] if gap.bytes is not None else []
    return f"{' and '.join(much) or 'more'} missing ({gap.reason})"


def to_json(found: Start | End, look: Look) -> jsonl.Json:
    return _end_to_json(found) if isinstance(found, End) else _start_to_json(found, look)


def _end_to_json(end: End) -> jsonl.Json:
    how = "replaced" if end.by is not None else "unknown"
    ending = end.ending
    if ending is not None:
        how = "signal" if ending.signal is not None else "exit"
    return {
        "type": "exec_end",
        "time": end.time,
        "id": end.start.id,
        "pid": end.start.pid,
        **_text("comm", end.start.comm),
        "ran": end.ran,
        "how": how,
        "status": None if ending is None else ending.status,
        "signal": None if ending is None else ending.signal,
        "core": ending is not None and ending.core,
        "by": end.by,
    }


def _start_to_json(start: Start, look: Look) -> jsonl.Json:
    setting = start.setting
    return {
        "type": "exec",
        "time": start.time,
        "id": start.id,
        "pid": start.pid,
        "tid": start.tid,
        **_text("comm", start.comm),
        "call": start.call,
        "result": start.result,
        "error": start.error,
        "duration": None if start.called is None or start.returned is None else start.returned - start.called,
        "entry_seen": start.called is not None,
        **_bytes("filename", None if start.filename is None or start.filename.lack else start.filename.data),
        "dirfd": start.dirfd,
        **_argv(start.argv),
        **_env(start, look.environment),
        "parent": None
        if setting is None
        else {"pid": setting.parent, **_text("comm", setting.parent_comm), "started": setting.parent_started},
        "started": None if setting is None else setting.started,
        "uid": None if setting is None else setting.uid,
        "gid": None if setting is None else setting.gid,
        "euid": None if setting is None else setting.euid,
        "egid": None if setting is None else setting.egid,
        **_bytes("cwd", None if setting is None else setting.cwd),
        **_bytes("exe", None if setting is None else setting.exe),
        **_cgroup(start),
    }


def _cgroup(start: Start) -> jsonl.Json:
    cgroup = None if start.setting is None else start.setting.cgroup
    if cgroup is None:
        return {"cgroup": None, "container": None}
    container = cgroup.container
    return {
        "cgroup": {"id": cgroup.id, "path": None if cgroup.path is None else jsonl.unicode(cgroup.path)},
        "container": None
        if container is None
        else {"runtime": container.runtime, "id": jsonl.unicode(container.id)},
    }


def _argv(argv: Words) -> jsonl.Json:
    found: dict[str, object] = {
        "argv": [None if each.lack and not each.data else _readable(each.data) for each in argv.words],
        "argv_missing": _missing(argv),
    }
    odd = {str(at): _base64(each.data) for at, each in enumerate(argv.words) if not _is_text(each.data)}
    return found | ({"argv_base64": odd} if odd else {})


def _env(start: Start, names: frozenset[bytes] | None) -> jsonl.Json:
    env = {
        _readable(name): [None if value is None else _readable(value) for value in values]
        for name, values in start.environment().items()
        if not names or name in names
    }
    found: dict[str, object] = {"env": env, "env_missing": _missing(start.env)}
    odd = [
        _base64(entry.data)
        for entry in start.env.words
        if not _is_text(entry.data) and (not names or entry.data.partition(b"=")[0] in names)
    ]
    return found | ({"env_base64": odd} if odd else {})


def _missing(found: Words) -> jsonl.Json | None:
    """What is not there of a list; None where all is."""
    if found.complete:
        return None
    gap = found.gap
    return {
        "strings": None if gap is None else gap.strings,
        "bytes": None if gap is None else gap.bytes,
        "reason": None if gap is None else gap.reason,
        "unread": {str(at): each.lack for at, each in enumerate(found.words) if each.lack is not None},
    }


def _bytes(name: str, data: bytes | None) -> jsonl.Json:
    if data is None:
        return {name: None}
    found = {name: _readable(data)}
    return found if _is_text(data) else {**found, f"{name}_base64": _base64(data)}


def _text(name: str, text: str) -> jsonl.Json:
    return _bytes(name, text.encode(errors="surrogateescape"))


def _readable(data: bytes) -> str:
    return data.decode(errors="replace")


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
