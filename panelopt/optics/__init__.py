"""Light, noise and unmixing: plain numpy, every formula with its source."""
