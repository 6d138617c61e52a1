"""Turns search outcomes into results and other records."""
