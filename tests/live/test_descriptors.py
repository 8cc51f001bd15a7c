"""Names of descriptors on the real kernel: files hold their own paths, so what is read tells the truth."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from tests.live.conftest import Target
from tests.support import live
from tests.support.live import Json, arg

pytestmark = pytest.mark.live


def reads(trace: live.Trace, directory: Path) -> list[tuple[str | None, str]]:
    """Of each read from a file of ours: the name of its descriptor, and the name that was in it."""
    done = [call for call in trace.calls("pread64") if call["result"].get("value", 0) > 0]
    found = [(arg(call, "fd").get("path"), arg(call, "buf")["value"] or "") for call in done]
    return [(name, data) for name, data in found if data.startswith(str(directory))]


def test_no_name_is_stale_whoever_closes_and_replaces(target: Target, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    options = ["-y", "-e", "pread64", "--string-limit", "4096"]
    words = (target("descriptors"), str(files), "4", str(live.rounds(3000)))
    trace = live.run(*words, options=options, directory=tmp_path, timeout=120)
    found = reads(trace, files)
    named = [(name, data) for name, data in found if name is not None]

    assert trace.lost == 0
    assert {call["name"] for call in trace.calls()} == {"pread64"}, "what was not asked for is hidden"
    assert [(name, data) for name, data in named if name != data] == []
    # A thread that is kept from going on while it closes a number leaves all others without a name there.
    assert len(named) > 0.5 * len(found) > live.rounds(500)


def test_a_name_goes_through_links_mounts_and_exec(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc")
    script = "cd link; exec 5< hostname; cat /dev/fd/5 <&5; cat ../etc/passwd"
    trace = live.run(
        "sh",
        "-c",
        f"cd {tmp_path}; {script}",
        options=["-y", "-e", live.here("read,openat,dup2")],
        directory=tmp_path,
    )
    names = {arg(call, "fd").get("path") for call in trace.calls("read")}
    cats = [call for call in trace.calls("openat") if arg(call, "filename")["value"] == "../etc/passwd"]

    assert {"/etc/hostname", "/etc/passwd"} <= names
    assert None not in names
    assert [arg(call, "filename")["absolute"] for call in cats] == ["/etc/passwd"] or cats == []


def test_a_running_process_has_the_names_it_had_before(tmp_path: Path) -> None:
    held, log = tmp_path / "held", tmp_path / "log"
    held.write_text("x")
    with subprocess.Popen(
        ["sh", "-c", "exec 7<$1; read line; head -c1 <&7", "sh", str(held)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    ) as shell:  # fmt: skip
        assert shell.stdin is not None
        with subprocess.Popen(
            [*live.ARGTRACE, "--json", "-y", "-o", str(log), "-p", str(shell.pid)]
        ) as tracer:
            # It says that it starts when all is attached.
            deadline = time.monotonic() + 120
            while not (log.exists() and log.stat().st_size) and time.monotonic() < deadline:
                time.sleep(0.01)
            shell.stdin.write(b"go\n")
            shell.stdin.close()
            shell.wait(120)
            tracer.wait(120)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    calls = [line for line in lines if line["type"] == "call" and line["name"] == "read"]

    assert str(held) in {arg(call, "fd").get("path") for call in calls}


def test_processes_have_their_names(tmp_path: Path) -> None:
    trace = live.run("sh", "-c", "true; /bin/true; kill -0 $$", options=["-Y"], directory=tmp_path)

    def comms(call: Json) -> list[str]:
        return [value["comm"] for value in (*call["args"], call["result"]) if "comm" in value]

    assert comms(trace.calls("kill")[0]) == ["sh"]
    assert comms(trace.calls("wait4")[0]) == ["true"]
