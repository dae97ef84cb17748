"""The command line: one module a command, each with `register(app)`; heavy imports wait for the command."""
