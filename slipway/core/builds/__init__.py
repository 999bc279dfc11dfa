"""What is done next with a build, what is ordered, and what build servers say."""
