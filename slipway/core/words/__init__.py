"""The ground: names, durations, sentences, refusals, and the words that all rooms share."""
