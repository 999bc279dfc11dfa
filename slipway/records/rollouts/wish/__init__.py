"""What is wanted, and whatever may be in its way: said, refused, confirmed."""
