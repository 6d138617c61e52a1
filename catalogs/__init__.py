"""Data package `panelopt_catalogs`: shipped catalogs, cytometers, fluorochromes and alias tables."""
