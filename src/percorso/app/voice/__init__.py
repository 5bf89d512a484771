"""The voice of the customer: its pages, and what people say of what was read in the texts."""
