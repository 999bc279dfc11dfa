"""Pages of the documents: what is in `docs`, read where one works."""
