# The committed tables: what they are, and where from, says each tool in tools/.
#
#   make tables                  add what the headers and the running kernel know
#   make tables HEADERS=DIR      the same with the headers of another kernel
#   make check-tables            compare, write nothing; fails on a difference

PYTHON ?= python3
HEADERS ?= /usr/include

# scalar_table reads what syscall_tables writes.
TABLES = syscall_tables scalar_table errno_table signal_table bpf_uapi

.PHONY: tables check-tables

tables:
	@set -e; for table in $(TABLES); do $(PYTHON) -m tools.$$table --headers $(HEADERS); done

check-tables:
	@failed=0; for table in $(TABLES); do \
		$(PYTHON) -m tools.$$table --check --headers $(HEADERS) || failed=1; \
	done; exit $$failed
