"""Search for panels whose score holds in scenarios."""
