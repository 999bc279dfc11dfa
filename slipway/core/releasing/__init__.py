"""What happens without people: releases by rule, and what is kept."""
