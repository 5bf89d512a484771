"""Journeys: the explorer, variants, the funnel, where people stop, and the ideal path."""
