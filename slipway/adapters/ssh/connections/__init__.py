"""How a host is reached: kept connections, and the shells that stay on them."""
