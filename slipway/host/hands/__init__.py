"""The hands of a resident: one Python process for what would cost the shell one each time."""
