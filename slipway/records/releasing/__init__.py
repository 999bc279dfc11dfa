"""What goes on without people: releases by rule, and packages that are let go."""
