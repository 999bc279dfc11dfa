"""The way of a service and of its versions through the environments."""
