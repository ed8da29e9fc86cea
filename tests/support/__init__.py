"""What several tests, and the benchmark, use."""
