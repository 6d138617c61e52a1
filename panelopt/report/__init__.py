"""Results and listings as strings; nothing here prints, solves or opens a file."""
