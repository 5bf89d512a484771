"""The data page: files come in, are looked at, imported; what could not be read is mended."""
