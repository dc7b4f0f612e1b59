"""Queue, journal, workers: from an accepted recipe to its finished variations, through any crash."""
