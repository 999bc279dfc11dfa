"""What is ours on this machine: the database, its key, our files; made, moved, looked after."""
