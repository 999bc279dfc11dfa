"""The port BuildServer: GitLab, Jenkins, and commands of our own."""
