"""What is measured, behind one Protocol: a server that gives one camera to many sockets."""
