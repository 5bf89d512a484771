"""Making surveys: questions, words, logic, look, versions, and where they are asked."""
