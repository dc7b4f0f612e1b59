"""What a studio is promised, held against a client's own record while things are killed: at full size by `make soak`."""
