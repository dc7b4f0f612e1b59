"""A file that is not what it claims to be, in words of ours; decoders' own words stay with the decoders."""


class Broken(ValueError):
    """What is wrong with a file, as the end of a sentence: "it ends early"."""
