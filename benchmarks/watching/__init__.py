"""`benchmarks/viewers`: how soon many viewers of one board see a line."""
