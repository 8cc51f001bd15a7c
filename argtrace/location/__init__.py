"""Stage 2: where each argument lives.

`syscall` names the register a convention puts it in; `frames` says where that
register is in what a program sees, or that it is nowhere.
"""
