"""The only files that touch Krita's documents: reading a region, placing a result, remembering recipes."""
