"""`python -m argtrace`."""

from argtrace.cli import run

run()
