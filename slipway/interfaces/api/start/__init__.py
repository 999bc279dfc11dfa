"""Endpoints of the installation itself: is it well, what is wrong, its figures."""
