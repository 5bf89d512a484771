"""Whom a survey is sent to, when and why: rules, campaigns, and the round that the worker makes."""
