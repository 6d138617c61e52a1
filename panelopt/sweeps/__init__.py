"""Sweeps: the cells of a grid of designs, and where they are solved."""
