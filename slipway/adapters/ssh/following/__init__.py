"""One chain, followed on its host to its end, however often its connection is lost."""
