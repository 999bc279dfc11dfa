"""One module for each group of commands; only the ones a call names are loaded."""
