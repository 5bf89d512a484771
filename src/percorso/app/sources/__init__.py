"""Where live events come from: sources, the keys they write with, and the door they come in by."""
