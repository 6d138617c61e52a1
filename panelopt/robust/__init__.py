"""Panels chosen against what is not known: the searches, and the records of what they found."""
