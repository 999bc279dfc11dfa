"""What is typed: commands made of functions, the options they share, values and mistakes."""
