"""What a trained generator is worth, in pictures and numbers; writes docs/generator.md."""
