"""Hostile files for every reader: valid ones, changed at random. ``python -m tests.fuzz`` makes a long run."""
