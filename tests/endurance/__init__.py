"""Designs of random questions, one after the other for hours, each of them checked."""
