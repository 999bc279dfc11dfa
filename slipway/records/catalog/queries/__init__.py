"""Questions about services, versions and builds."""
