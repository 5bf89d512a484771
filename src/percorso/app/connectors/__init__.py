"""Connectors as they are set up here: when each runs, what it brought, how it is."""
