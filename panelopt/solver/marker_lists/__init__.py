"""Local search for marker lists, whose panels stain each marker once."""
