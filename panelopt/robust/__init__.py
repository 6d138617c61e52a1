"""Panels chosen under uncertainty: the searches, and the records of their results."""
