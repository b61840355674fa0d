"""Benchmarks: run by `make bench` and `make bench-quality`, never as tests."""
