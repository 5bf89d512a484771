"""People: accounts, roles, invitations, signing in."""
