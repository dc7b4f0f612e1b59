"""The adapters: one file for each family of diffusion models."""
