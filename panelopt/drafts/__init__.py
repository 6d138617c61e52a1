"""Problem files that panelopt writes: a template, from answers, from labelled events."""
