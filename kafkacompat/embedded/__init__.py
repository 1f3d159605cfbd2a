"""A broker inside the caller's process, with powers that tests need and a real one lacks."""
