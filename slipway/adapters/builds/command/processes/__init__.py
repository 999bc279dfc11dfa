"""Processes of a build: who started whom, as whom they run, how much memory they hold."""
