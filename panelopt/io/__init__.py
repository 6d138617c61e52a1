"""Files in, files out. Nothing here prints; every fault becomes a finding with its place."""
