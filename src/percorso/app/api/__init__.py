"""The frame of the HTTP API: tokens and scopes, limits, errors. Slices bring their routers."""
