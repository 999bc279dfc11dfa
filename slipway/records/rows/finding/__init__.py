"""What is asked of a list, as conditions of rows."""
