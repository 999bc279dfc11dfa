"""What a host says, read within bounds."""
