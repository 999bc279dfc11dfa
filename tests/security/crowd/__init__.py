"""Two hundred strangers at once, and what they cost: memory, disk, and the patience of Alice."""
