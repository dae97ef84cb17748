"""Cameras that turn, told by what they speak (implements `domain.steering.Steering`). Knows no lease and no right."""
