"""`python -m argtrace`."""

import sys

from argtrace.cli import main

sys.exit(main())
