"""The processes of an installation: web, worker, and `slipway up`, which keeps both."""
