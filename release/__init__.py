"""What is given away of Slipway: how it is made from the sources (`bin/release`)."""
