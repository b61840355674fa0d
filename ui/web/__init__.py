"""The browser page: Gradio Blocks, one file per panel."""
