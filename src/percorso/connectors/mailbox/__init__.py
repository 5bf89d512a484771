"""A mailbox read over IMAP: what a customer writes becomes a message."""

from percorso.connectors.mailbox.reading import run

__all__ = ["run"]
