"""Questions: inputs read and validated, demands of the call applied, compiled into arrays."""
