"""Our own endless gallery: pictures painted from three vectors (composition, touch, palette).

In: zc, zm, zf, each (n, Z_DIM) standard normal.  Out: pictures (n, 3, size, size) in 0..1.
Used to train the shipped generator, so that its weights carry nobody's licence but ours.
"""
