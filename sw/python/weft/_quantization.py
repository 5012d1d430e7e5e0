"""Between real numbers and a tensor's integers."""

import numpy as np

from ._error import Error
from ._weft import Tensor


def _check(tensor: Tensor) -> None:
    if not isinstance(tensor, Tensor):
        raise Error(
            f"a weft.Tensor is needed, of Program.inputs or outputs; given was {tensor!r}",
            "invalid_argument",
        )
    if tensor.dtype.kind not in "iu" or tensor.scale <= 0:
        raise Error(
            f"tensor '{tensor.name}' ({tensor.dtype}, scale {tensor.scale}) is not quantised",
            "invalid_argument",
        )


def quantize(array: np.ndarray, tensor: Tensor) -> np.ndarray:
    """The integers that stand for real numbers: array / scale + zero_point.

    Computed in float32, rounded half away from zero and saturated, as TensorFlow Lite does; a NaN
    gives the zero point. The shape stays as it is. Error(invalid_argument) for a tensor without a
    scale.
    """
    _check(tensor)
    real = np.asarray(array, dtype=np.float32) / np.float32(tensor.scale)
    # Not floor(x + 0.5): the sum rounds up just below a half.
    whole = np.trunc(real)
    with np.errstate(invalid="ignore"):  # infinities less themselves
        whole += np.where(np.abs(real - whole) >= 0.5, np.sign(real), 0)
    whole = np.where(np.isnan(real), 0, whole).astype(np.float64) + tensor.zero_point
    limits = np.iinfo(tensor.dtype)
    return np.clip(whole, limits.min, limits.max).astype(tensor.dtype)


def dequantize(array: np.ndarray, tensor: Tensor) -> np.ndarray:
    """The real numbers, float32, that integers stand for: (array - zero_point) * scale.

    Error(invalid_argument) for a tensor without a scale, or an array of another type.
    """
    _check(tensor)
    array = np.asarray(array)
    if array.dtype != tensor.dtype:
        raise Error(
            f"tensor '{tensor.name}' is {tensor.dtype}; given was an array of {array.dtype}",
            "invalid_argument",
        )
    return (array.astype(np.float32) - np.float32(tensor.zero_point)) * np.float32(tensor.scale)
