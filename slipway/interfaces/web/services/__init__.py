"""Pages of services, their versions and packages."""
