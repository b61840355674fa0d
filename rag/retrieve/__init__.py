"""A question to passages: found by meaning, by words and by name, fused, reranked, grown."""
