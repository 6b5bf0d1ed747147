"""How models/starter.safetensors was made: the music, and the evidence."""
