"""`benchmarks/pages`: how long the pages take that people live in."""
