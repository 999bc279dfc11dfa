"""Which repository is built: where it is, what lies in it, and one commit of it in a folder."""
