"""Columns whose content is encrypted, and all that is kept in them."""
