"""Sort plans: sorter settings, plans, warnings and records."""
