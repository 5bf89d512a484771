"""One view of each customer: list, search, page, notes, segments, and who may be the same."""
