"""The claims of a certificate, and their check without the search."""
