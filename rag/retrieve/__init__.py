"""From a query to passages: dense and lexical search and document match, fused, reranked, grown to sections."""
