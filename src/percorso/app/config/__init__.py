"""The roof of the application: settings, addresses, the server's entry."""
