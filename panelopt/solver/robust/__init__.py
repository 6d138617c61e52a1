"""The search for panels whose score holds in scenarios."""
