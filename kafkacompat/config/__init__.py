"""Configuration: one typed row per key, and the values that apply."""
