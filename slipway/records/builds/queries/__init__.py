"""Questions about builds, and who may tell of them."""
