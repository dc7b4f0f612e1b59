"""Stands in for torchvision: spandrel asks for it, what stands in for spandrel does not."""
