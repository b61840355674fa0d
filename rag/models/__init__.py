"""The models: embedder, reader, rerankers and chat models, with their formats and files."""
