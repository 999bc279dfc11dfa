"""What every part of a worker uses: its life, its clock, its threads, what wakes it."""
