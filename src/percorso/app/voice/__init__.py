"""The voice of the customer: what they write, read; its pages, and what people say of the reading."""
