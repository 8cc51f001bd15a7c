"""Names of numbers from the UAPI headers, one module a header, written by `make tables`."""
