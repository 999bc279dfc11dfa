"""Questions about services, versions, packages and build servers."""
