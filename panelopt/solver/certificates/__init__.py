"""What a search leaves for others to check, and the proof from it without the search."""
