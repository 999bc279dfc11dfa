"""What `slipway` alone shows whoever sits at a terminal."""
