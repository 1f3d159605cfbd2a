"""Share groups: which records are with whom, what became of them, and how that is kept."""
