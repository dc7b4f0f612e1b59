"""What a box, a lasso, a click, strokes or a word mean: the pixels that belong together."""
