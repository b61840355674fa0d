"""Training of the reader: data to examples, examples to batches, batches to weights, weights to ONNX.

``python -m rag.training.train --data FOLDER --work FOLDER`` runs all of it, and continues after a stop.
"""
