"""Catalogs of a vendor that does not exist: data only, nothing here runs."""
