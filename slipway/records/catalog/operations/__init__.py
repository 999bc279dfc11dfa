"""The only ways to change services and build servers, and to make versions."""
