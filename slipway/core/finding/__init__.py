"""What is asked of a list: words, labels, states and times, in one grammar for all lists."""
