"""The release spec: what a service says of how it is run."""
