"""The embedded default engine: erase, fill, expand and recolor with the picture's own pixels, on any CPU."""
