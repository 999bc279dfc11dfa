"""What is printed: tables, sentences, JSON, times, and how much of a file has moved."""
