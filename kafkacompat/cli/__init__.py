"""The command line, one module per command. Only here is logging configured."""
