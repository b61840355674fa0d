"""The commands of `studyhall`, one file per group.

An import inside a function spares the commands that don't need it, and `--help`, a heavy library: chromadb, gradio,
httpx, langchain, llama_cpp, watchfiles. Everything else is imported at the top; a test holds what `--help` may load.
"""
