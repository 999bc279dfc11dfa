"""Endpoints of builds and of build servers."""
