"""The only ways to change services, to make versions, and to have them built."""
