"""Commands that are killed, or meet a full disk, at each single step of their writing."""
