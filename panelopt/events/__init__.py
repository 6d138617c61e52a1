"""Labelled events of a sample, and simulated ones: statistics, levels, roles, gates."""
