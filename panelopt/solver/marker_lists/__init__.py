"""Local search for lists of markers: estimates of panels that stain each marker once."""
