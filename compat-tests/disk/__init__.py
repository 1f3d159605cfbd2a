"""A broker on disks that fail."""
