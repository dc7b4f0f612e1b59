"""The contract's messages and the values that they stand for."""
