"""Stage 5: from numbers to meaning.

`model` has the values, `events` what a trace consists of; `registry` says which
beautifier decodes which argument, `table` runs that for a whole call. Nothing
here prints: a value keeps its name *and* its number, and `present/` spells it.
"""
