"""The programs that are compared, each behind the same four verbs."""
