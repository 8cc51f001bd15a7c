"""A few types of the running kernel as a BTF of their own, for the corpus of the target `btf`.

    python -m tests.fuzz.cut_btf tests/fuzz/corpus/task.btf task_struct:8 pid_t sched_process_exec

What types lead to is taken along, as far as DEPTH links away; beyond that all is void. `NAME:N` takes the
first N members of a structure.
"""

from __future__ import annotations

import sys
from pathlib import Path

from argtrace.running_kernel import btf
from argtrace.signature.btf import Btf, Kind, TypeId
from argtrace.signature.btf_wire import Record
from tests.support.btf_writer import BtfWriter

DEPTH = 4
MEMBERS = 24

# Which word of a row is a type, and which a name: as `btf_wire.py` draws them.
_TYPE_IN_ROW = {
    Kind.ARRAY: (0, 1),
    Kind.STRUCT: (1,),
    Kind.UNION: (1,),
    Kind.FUNC_PROTO: (1,),
    Kind.DATASEC: (0,),
}
_NAME_IN_ROW = frozenset({Kind.STRUCT, Kind.UNION, Kind.ENUM, Kind.ENUM64, Kind.FUNC_PROTO})
_SIZED = frozenset({Kind.INT, Kind.STRUCT, Kind.UNION, Kind.ENUM, Kind.ENUM64, Kind.FLOAT, Kind.DATASEC})


def cut(whole: Btf, names: list[str]) -> bytes:
    rows: dict[TypeId, tuple[Record, list[list[int]]]] = {}
    queue: list[tuple[TypeId, int, int]] = []
    for name in names:
        word, _, members = name.partition(":")
        queue += [(id, DEPTH, int(members or MEMBERS)) for id in whole.ids_named(word)[:2]]
    for id, depth, most in queue:
        if id == 0 or id in rows:
            continue
        record = whole.record(id)
        kept = [list(row) for row in record.rows[:most]]
        rows[id] = record, kept
        if depth:
            links = [] if record.kind in _SIZED or record.kind is Kind.FWD else [record.size]
            links += [row[at] for row in kept for at in _TYPE_IN_ROW.get(record.kind, ())]
            queue += [(TypeId(link), depth - 1, MEMBERS) for link in links]
    numbers = {id: at for at, id in enumerate(rows, 1)}
    writer = BtfWriter()

    def name_at(offset: int) -> int:
        return writer.name(whole._string_layer(offset).text(offset)) if offset else 0

    for record, kept in rows.values():
        for row in kept:
            for at in _TYPE_IN_ROW.get(record.kind, ()):
                row[at] = numbers.get(TypeId(row[at]), 0)
            if record.kind in _NAME_IN_ROW:
                row[0] = name_at(row[0])
        linked = record.kind not in _SIZED and record.kind is not Kind.FWD
        size = numbers.get(TypeId(record.size), 0) if linked else record.size
        counted = record.vlen if record.kind is Kind.FUNC else len(kept) if record.vlen else 0
        words = [word for row in kept for word in row]
        writer.record(record.kind, name_at(record.name), size, *words, vlen=counted, flag=record.flag)
    return writer.build()


def main() -> None:
    path, *names = sys.argv[1:]
    data = cut(btf(), names)
    Path(path).write_bytes(data)
    print(f"{path}: {len(data)} bytes, {len(Btf(data)) - 1} types")


if __name__ == "__main__":
    main()
