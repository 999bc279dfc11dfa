"""Writing rows: many at once, by one worker each, and what is refused whoever writes."""
