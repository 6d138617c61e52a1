"""panelopt: proven optimal marker panels for sorting cell subpopulations."""

__version__ = "0.1.0"
