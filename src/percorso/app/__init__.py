"""The web application: pages, people, imports and background work, on top of the library."""
