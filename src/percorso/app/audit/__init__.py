"""Who did what, when: an entry for every write, in the same transaction."""
