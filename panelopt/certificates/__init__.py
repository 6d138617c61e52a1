"""What a certificate claims, and how it is checked without the search."""
