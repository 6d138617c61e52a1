"""The search for the best panel and its proof; the only package that imports CP-SAT."""
