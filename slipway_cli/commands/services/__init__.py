"""Commands about services, their versions, and what is released and kept of them."""
