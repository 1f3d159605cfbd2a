"""Clients under faults: see __main__.py."""
