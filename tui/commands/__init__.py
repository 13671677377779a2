"""What the commands do, one module a group; all of them speak to the Backend protocol alone."""
