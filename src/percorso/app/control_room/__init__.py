"""The control room: how the experience is, what changed, where it breaks and what to do next."""
