"""What is done next with a build, and how a service is built."""
