"""A package's own scripts: as whom they run, with what, for how long."""
