"""The nodes of a cluster in one process: what they share, who they are, how they come and go."""
