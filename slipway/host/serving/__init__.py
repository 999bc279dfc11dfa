"""How a request becomes tickets: read, fenced, queued, run, told."""
