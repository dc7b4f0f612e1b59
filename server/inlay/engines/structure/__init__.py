"""What a picture's structure is: where its edges, lines and shapes lie, and how hands and faces are held; no network paints."""
