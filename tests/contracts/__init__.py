"""What `rag/ports.py` promises, tested over each part of ours and over its fake.

Another part is held to its port by one more line in the fixture at the top of a file.
"""
