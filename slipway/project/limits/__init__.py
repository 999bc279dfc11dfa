"""What a process may take: memory, open files, connections of those who say nothing."""
