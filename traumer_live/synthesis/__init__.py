"""Dreams: StyleGAN2 generators, from w_plus to RGBA frames."""
