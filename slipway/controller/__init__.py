"""Makes things happen: load, decide, act, write down, again."""
