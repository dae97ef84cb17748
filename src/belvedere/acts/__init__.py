"""What people ask for, a module an act: a pure step from a snapshot and a command, and one short asynchronous shell."""
