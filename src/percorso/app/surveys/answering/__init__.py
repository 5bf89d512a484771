"""Answering surveys: the pages customers see, and what becomes of what they say."""
