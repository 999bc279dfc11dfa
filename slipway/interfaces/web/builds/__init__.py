"""Pages of builds and of build servers."""
