"""What happens without people: releases by rule, and retention."""
