"""Generators of the committed tables: run one by `python3 -m tools.NAME`, all by `make tables`.

`headers.py` and `kernels.py` read the sources, `committed.py` reads, merges, checks and
writes the tables; every other module is one family of tables. What no header states is in
`inputs/`, by hand, each entry with its source.
"""
