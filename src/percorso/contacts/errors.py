"""What is wrong with a budget of contacts, in words for whoever wrote it."""


class ContactsError(Exception):
    """A budget cannot be read or kept. Names file, field, rule and value."""
