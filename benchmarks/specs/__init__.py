"""One module for each family of benchmarks; a new one needs no other change. See ``registry.py``."""
