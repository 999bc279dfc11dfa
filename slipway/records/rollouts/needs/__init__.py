"""What needs a person: open things only, worst first, each with what is done about it."""
