"""Weft: compile neural networks for the Weft accelerator and run them on a simulated one.

    program = weft.compile("model.tflite", config="base")
    with weft.Device("rtl", "base") as device, device.load(program) as session:
        scores = session.run(image)
        print(session.statistics["cycles"], session.counters["array_busy"])

Everything that goes wrong is a weft.Error with a kind and a sentence.
"""

from ._error import Error
from ._quantization import dequantize, quantize
from ._weft import (
    Device,
    InferEvent,
    InferQueue,
    InferRequest,
    Layer,
    Program,
    Session,
    Tensor,
    __version__,
    backends,
    compile,
    configs,
    load,
)

__all__ = [
    "Device",
    "Error",
    "InferEvent",
    "InferQueue",
    "InferRequest",
    "Layer",
    "Program",
    "Session",
    "Tensor",
    "__version__",
    "backends",
    "compile",
    "configs",
    "dequantize",
    "load",
    "quantize",
]
