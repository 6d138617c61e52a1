"""Frozen, validated records of panel design."""
