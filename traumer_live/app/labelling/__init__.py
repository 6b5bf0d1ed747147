"""The labelling window: clips of a person's music, and the pictures that they choose for them."""
