"""What the list of services says of them beside their versions."""
