"""Consents, a person's export and erasure, retention, the record of processing, on pages."""
