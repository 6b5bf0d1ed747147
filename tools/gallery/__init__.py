"""Our own endless gallery: pictures painted from three w (composition, touch, palette).

In: w (n, w_dim) for each.  Out: pictures (n, 3, size, size) in 0..1.
Used to train the shipped generator, so that its weights carry nobody's licence but ours.
"""
