"""What cannot be done with a customer or a segment, in words for the page."""


class CustomersError(Exception):
    """Says why, and what to do."""
