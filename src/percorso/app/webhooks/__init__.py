"""Webhooks: what happens here is told to other systems, and what happens there is taken in."""
