"""One performed action: joint positions over time, and where in it the action truly lies."""
from dataclasses import dataclass, field

import numpy as np

from .skeleton import MIRROR
from .tracks import FPS


@dataclass
class Take:
    joints: np.ndarray                      # [T, 20, 3] metres, 30 frames/s, floor y = 0
    label: str
    core: tuple                             # seconds: the action itself
    cyclic: bool = False                    # true: any part of the core shows the action; false: the whole core is needed
    props: list = field(default_factory=list)   # furniture the action needs: (kind, x, z, yaw, height)
    origin: str = "procedural"
    late: bool = False                      # true: the start of the core is what a window shows, after something else

    @property
    def seconds(self):
        return (len(self.joints) - 1) / FPS

    def mirrored(self):
        flip = np.array([-1.0, 1.0, 1.0])
        props = [(kind, -x, z, -yaw, height) for kind, x, z, yaw, height in self.props]
        return Take(self.joints[:, MIRROR] * flip, self.label, self.core, self.cyclic, props, self.origin)
