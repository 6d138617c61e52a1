"""Reads and writes files; every fault becomes a finding with its location."""
