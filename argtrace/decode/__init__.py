"""Stage 5: from numbers to meaning.

`model` has the values, `events` what a trace consists of; `table` decodes a whole
call, `contents` what its arguments point to, `numbers` each number. What no layout
describes has a decoder of its own, a family a module, found by `decoders`. Nothing here
prints: a value keeps its name *and* its number, and `present/` spells it.
"""
