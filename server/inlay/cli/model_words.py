"""What the command line says of a model's licence and memory."""

MEMORY = {
    "fits": "fits this card",
    "offload": "fits with its text encoders in main memory, slower",
    "layers": "layer by layer, much slower",
    "not": "too large for this machine",
    "": "memory not known",
}
COMMERCIAL = {
    "yes": "commercial use allowed",
    "no": "NOT for commercial use",
    "conditions": "commercial use has conditions",
    "": "read its licence",
}
