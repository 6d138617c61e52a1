"""Finds and proves the best choice of reporters."""
