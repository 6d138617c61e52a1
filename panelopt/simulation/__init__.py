"""Simulates events of a stained sample, with the physics of the score, cell by cell."""
