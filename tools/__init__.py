"""What the Makefile calls: the environment, the demo, the server, the tests' browser. The portal imports none of it."""
