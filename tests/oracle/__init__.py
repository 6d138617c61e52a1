"""A second, slow and plain implementation of the score, to compare the package with.

It shares no code with :mod:`panelopt`: it reads the arrays of the numeric instance, integrates by its own rule, tries
every set of gates and every panel.
"""
