"""What runs on a host: one small program in POSIX shell, sent over SSH, with nothing to install."""
