"""Where people, pipelines and scripts reach Slipway: translate, one operation or query, answer."""
