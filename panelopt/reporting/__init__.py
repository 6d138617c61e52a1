"""Computes what a report needs beyond the result: inputs, provenance, constraints, simulated gates, comparisons."""
