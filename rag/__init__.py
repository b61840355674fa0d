"""rag answers: vocabulary, models, library, retrieval, prompt, generation, citations."""
