"""Certificates of a search, and their proof without it."""
