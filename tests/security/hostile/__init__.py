"""Thousands of requests that mean harm, at real processes: none may be answered by a 500."""
