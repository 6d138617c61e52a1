"""A question as it is asked: what was named, read and validated, with the demands of the call, compiled into arrays."""
