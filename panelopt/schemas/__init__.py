"""JSON Schemas of the files that panelopt writes."""
