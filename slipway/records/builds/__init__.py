"""Builds: wished for, claimed and driven, told of from outside, and asked about."""
