"""What a window shows, in words: models of vision and language of the user's."""
