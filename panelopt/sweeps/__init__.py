"""Many designs at once: the cells of a grid, and where they are solved."""
