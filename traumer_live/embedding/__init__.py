"""Embedding: log-mel frames in, what kind of music this is out (a vector and tags).

``load_encoder()`` gives an ``Encoder``. Neither torch nor onnxruntime is imported before it is
asked for.
"""

from traumer_live.embedding.encoder import BackendName, Encoder, load_encoder

__all__ = ["BackendName", "Encoder", "load_encoder"]
