"""Numbers of bytes as people say them, the same in each language."""

_STEP = 1024
_WHOLE = 100  # from here on without a decimal place


def size_said(count: float) -> str:
    """Return a number of bytes as people say it."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < _STEP:
            is_whole = unit == "B" or value >= _WHOLE
            return f"{value:.0f} {unit}" if is_whole else f"{value:.1f} {unit}"
        value /= _STEP
    return f"{value:.1f} TB"
