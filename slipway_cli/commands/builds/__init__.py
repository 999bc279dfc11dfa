"""Commands about builds and build servers."""
