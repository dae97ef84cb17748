"""Measures the figures of docs/bench.md; raw results are appended under bench/results, a report is rendered from them."""
