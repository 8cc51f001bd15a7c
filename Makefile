# The committed tables: what they are, and where from, says each tool in tools/.
#
#   make tables                  add what the headers and the running kernel know
#   make tables HEADERS=DIR      the same with the headers of another kernel
#   make check-tables            compare, write nothing; fails on a difference
#   make coverage               write docs/coverage.md: what is decoded, and what not
#   make new-constants HEADERS=DIR   list named numbers that these headers have, those of BASE
#                                have not, and no set in tools/inputs/constants; BASE= for all
#
# strace beside argtrace, program by program (tests/parity; root):
#
#   make parity                  print what differs, and how much is equal
#   make parity WRITE=docs/parity.md
#
# Fuzzing of what argtrace reads (docs/fuzzing.md):
#
#   make fuzz SECONDS=60         each group of targets for so long, two at a time

# The live tests under another kernel, in a guest (docs/vm.md; root, and the packages of .venv):
#
#   make vm KERNEL=6.12                all of tests/live
#   make vm KERNEL=7.2 ARCH=arm64 TESTS=tests/live/test_trace.py

PYTHON ?= python3
SECONDS ?= 60
HEADERS ?= /usr/include
BASE ?= /usr/include

# scalar_table reads what syscall_tables writes, ioctl_types what struct_table and constant_tables do.
TABLES = syscall_tables scalar_table errno_table signal_table bpf_uapi struct_table constant_tables ioctl_types

.PHONY: tables check-tables coverage new-constants parity fuzz vm

tables:
	@set -e; for table in $(TABLES); do $(PYTHON) -m tools.$$table --headers $(HEADERS); done

check-tables:
	@failed=0; for table in $(TABLES); do \
		$(PYTHON) -m tools.$$table --check --headers $(HEADERS) || failed=1; \
	done; exit $$failed

coverage:
	@$(PYTHON) -m tools.coverage

new-constants:
	@$(PYTHON) -m tools.new_constants --headers $(HEADERS) $(if $(BASE),--base $(BASE))

parity:
	$(PYTHON) -m tests.parity.report $(if $(WRITE),--write $(WRITE))

fuzz:
	$(PYTHON) -m tests.fuzz --seconds $(SECONDS) --jobs 2

vm:
	$(firstword $(wildcard .venv/bin/python) $(PYTHON)) -m vm test --keep $(if $(ARCH),--arch $(ARCH)) $(KERNEL) $(TESTS)
