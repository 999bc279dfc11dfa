"""Files that a command is given: hosts, release specs, secrets."""
