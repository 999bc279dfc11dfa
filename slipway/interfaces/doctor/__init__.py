"""What is looked at of an installation, and what is to be done about it."""
