"""Releases on a host: received, unpacked, opened to who reads them, looked through, removed."""
