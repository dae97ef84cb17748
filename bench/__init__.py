"""Measures the figures that BENCH promises; raw results are appended under bench/results, a report is rendered from them."""
