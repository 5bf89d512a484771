"""What a survey says: figures with their intervals, who did not answer, words, levels, the line."""
