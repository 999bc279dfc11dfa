"""An installation with as many rows as a large company has, for what is measured of its pages."""
