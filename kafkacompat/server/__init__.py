"""Sockets, frames, and the one place for what concerns every request."""
