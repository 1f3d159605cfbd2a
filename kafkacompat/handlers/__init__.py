"""One module per API key, with a function of the module's name."""
