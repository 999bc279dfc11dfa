"""What all endpoints share: who may, what may be sent, how is refused, what is remembered."""
