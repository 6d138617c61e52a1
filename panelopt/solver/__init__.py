"""The search for the best panel and its proof; the only folder that imports the constraint solver."""
