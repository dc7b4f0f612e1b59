"""A picture that was saved before its first edit gets the result of a crash, 2 of 3."""
