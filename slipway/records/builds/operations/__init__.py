"""What becomes of builds, and what people and build servers want of them."""
