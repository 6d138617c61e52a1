"""From what a search found to the records that people and programs read."""
