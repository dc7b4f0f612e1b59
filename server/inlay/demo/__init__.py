"""The demo's photograph and two soft masks: a lightning tower and its lamp, to erase; a rocket's stage, to recolour."""
