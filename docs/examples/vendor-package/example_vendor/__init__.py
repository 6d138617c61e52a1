"""Catalog, cytometer and dye of a vendor that does not exist: data only, nothing here runs."""
