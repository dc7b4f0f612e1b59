"""The contract's two ends: one implementation of the service, behind two doors."""
