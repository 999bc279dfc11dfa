"""Webhooks: hints from build servers, let in by a secret, kept as rows, looked into by a worker."""
