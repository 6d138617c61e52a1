"""Results and listings as text, tables and pages; nothing here prints, solves or opens a file."""
