"""Shipped problem files, named in docs/problems.md."""
