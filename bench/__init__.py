"""Figures of the hot paths, each beside a bare equivalent in the same run. `make bench`."""
