"""The models: embedder, language model, and what a GGUF file says of itself."""
