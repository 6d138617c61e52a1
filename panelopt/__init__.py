"""panelopt: proven optimal marker panels for sorting cell subpopulations."""
