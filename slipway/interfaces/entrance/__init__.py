"""The way in: what is looked at before anything is done for whoever asks."""
