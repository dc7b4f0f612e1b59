"""The erase benchmark: objects of every kind drawn over photographs, erased, and held against what was there."""
