"""Group coordination: sans-I/O state machines, and the shell that drives them."""
