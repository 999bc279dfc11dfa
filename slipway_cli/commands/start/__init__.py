"""Commands about the installation itself: what is wrong with it, and its workers."""
