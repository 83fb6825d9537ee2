"""Frames as a viewer shows them, with their times."""

from dataclasses import dataclass, field


@dataclass
class Moving:
    """Upright sRGB frames, each an 8-bit PIL image, RGB or RGBA with straight alpha."""

    frames: list
    durations: list = field(default_factory=list)  # milliseconds, one a frame; empty for a still
    loops: int | None = None  # 0 is for ever, None is once

    @property
    def size(self):
        return self.frames[0].size
