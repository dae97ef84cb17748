"""The simple eye of a simulated camera: one vanishing point, metres to pixels. Pure."""

from dataclasses import dataclass

from simulator.canvas import Point


@dataclass(frozen=True, slots=True)
class Eye:
    """A camera that looks along a street from a pole. x to the right, y up, z ahead; metres."""

    width_px: int
    height_px: int
    vanishing_x_px: float
    horizon_px: float
    focal_px: float
    height_m: float

    def at(self, x_m: float, y_m: float, z_m: float) -> Point:
        """Return where a point of the street is seen."""
        scale = self.focal_px / z_m
        return self.vanishing_x_px + x_m * scale, self.horizon_px + (self.height_m - y_m) * scale

    def px_per_m(self, z_m: float) -> float:
        """Return the size of a metre at a distance."""
        return self.focal_px / z_m

    @property
    def nearest_m(self) -> float:
        """Distance of the ground at the picture's lower edge."""
        return self.focal_px * self.height_m / (self.height_px - self.horizon_px)
