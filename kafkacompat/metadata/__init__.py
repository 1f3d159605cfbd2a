"""The cluster's metadata: an image built by applying records, and commands that append them."""
