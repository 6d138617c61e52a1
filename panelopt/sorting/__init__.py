"""The plan of a sort: how it is run, what the operator should know, and the records of it."""
