"""Where one begins: home, and finding things."""
