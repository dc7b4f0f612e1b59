"""What enlarges a picture: by interpolation alone, or with trained weights."""
