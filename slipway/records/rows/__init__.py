"""What rows share: columns of our own, pages of long lists, and how rows are written and read."""
