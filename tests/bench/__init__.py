"""Benchmarks beside peers in the same run on the same machine; each prints ratios and writes its page of figures."""
