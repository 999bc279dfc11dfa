"""One commit of what a beat has changed."""
