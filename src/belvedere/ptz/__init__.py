"""Who steers a camera: pure arbitration between those who ask, and what its time-outs are. Knows no clock and no table."""
