"""Drafts problem files: from a template, from answers, from labelled events."""
