"""Certificates that were tampered with: edits of every kind and place, and proofs of what is not true."""
