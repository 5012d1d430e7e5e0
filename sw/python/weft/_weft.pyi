"""The compiled part of the package; `weft` shows all of it."""

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Optional, Union, overload

import numpy as np

__version__: str

_Path = Union[str, "os.PathLike[str]"]
_Bytes = Union[bytes, bytearray, memoryview]
_Progress = Optional[Callable[[str, float], object]]

class Tensor:
    """An input or output of a program."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def scale(self) -> float:
        """real = scale * (integer - zero_point); 0: it is not quantised."""
    @property
    def zero_point(self) -> int: ...

class Layer:
    """A layer of a program, fused operators being one."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def output(self) -> str:
        """The name of its output tensor."""
    @property
    def shape(self) -> tuple[int, ...]:
        """Of its output."""
    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
    @property
    def floor_cycles(self) -> int:
        """The least that array, vector engine or bus allow inside a network."""
    @property
    def host(self) -> Optional[str]:
        """Why the host runs it; None: the device does."""

class Program:
    """A compiled network. It never changes, and any number of devices may run it."""

    @property
    def model(self) -> str: ...
    @property
    def config(self) -> str: ...
    @property
    def inputs(self) -> list[Tensor]: ...
    @property
    def outputs(self) -> list[Tensor]: ...
    @property
    def layers(self) -> list[Layer]: ...
    @property
    def macs(self) -> int: ...
    @property
    def floor_cycles(self) -> int: ...
    @property
    def memory_bytes(self) -> int:
        """Device memory that a session of it needs."""
    def save(self, path: _Path) -> None:
        """Writes the program file, or nothing. Error: io."""
    def to_bytes(self) -> bytes:
        """What save() writes."""

class Session:
    """A program on a device, which it has to itself until it is closed."""

    @overload
    def run(self, inputs: Mapping[str, Any], *, progress: _Progress = None) -> dict[str, np.ndarray]: ...
    @overload
    def run(self, inputs: np.ndarray, *, progress: _Progress = None) -> np.ndarray:
        """One inference. Arrays of the tensors' own type and shape, NHWC, by name; for a program of one
        input and one output also the array alone. Contiguous ones are not copied on the way to the
        device's memory, and must not change while the run goes on.

        progress(layer, fraction) is called when a layer has ended. What it raises ends the run, and
        so does Ctrl-C; the next run is exact.

        Error: invalid_argument (names the tensor, what it takes and what was given; a closed
        device), busy, device, timeout.
        """
    def read(self, tensor: str) -> np.ndarray:
        """A tensor that the program keeps in memory. Error: not_found lists them."""
    @property
    def counters(self) -> dict[str, int]:
        """Hardware counters of the last run, by their names (docs/registers.md)."""
    @property
    def statistics(self) -> dict[str, Any]:
        """Of the last run: cycles, dram_read_bytes, dram_write_bytes, host_seconds."""
    @property
    def layer_cycles(self) -> list[int]:
        """Of the last run, one for each of Program.layers; zeros on the emulator."""
    def profile(self) -> dict[str, Any]:
        """Where the cycles of the last run went (docs/python.md has its form).

        Error: invalid_argument where the program was loaded without record=True or has not run;
        unsupported on the emulator, which has no time.
        """
    @property
    def timeout_cycles(self) -> int:
        """Device cycles that a job may take; may be set."""
    @timeout_cycles.setter
    def timeout_cycles(self, cycles: int) -> None: ...
    @property
    def program(self) -> Program: ...
    @property
    def closed(self) -> bool: ...
    def close(self) -> None: ...
    def __enter__(self) -> Session: ...
    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None: ...

class Device:
    """A simulated device. It, and the session on it, belong to one thread at a time; several devices
    run in parallel, for a run does not hold the interpreter's lock."""

    def __init__(
        self,
        backend: str = "rtl",
        config: str = "base",
        *,
        memory_bytes: int = 67108864,
        latency: int = 100,
        bandwidth: tuple[int, int] = (1, 1),
        stall: float = 0.0,
        seed: int = 1,
    ) -> None:
        """latency: cycles from a burst to its first beat; bandwidth: beats in cycles, each way; stall:
        how likely a bus channel stands still in a cycle, 0 .. 0.95, chosen by seed.

        Error: not_found lists the backends or configurations there are, or says how to build a model.
        """
    @property
    def backend(self) -> str: ...
    @property
    def config(self) -> str: ...
    @property
    def cycle(self) -> int:
        """Cycles since reset; 0 on the emulator."""
    @property
    def closed(self) -> bool: ...
    def load(self, program: Program, *, record: bool = False) -> Session:
        """Puts a program on the device. record: runs are recorded for Session.profile().

        Error: mismatch (compiled for another configuration), out_of_memory, busy (another session is
        open), invalid_argument (the device is closed).
        """
    def close(self) -> None:
        """Ends the device and its session; more than once does nothing."""
    def __enter__(self) -> Device: ...
    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None: ...

def compile(
    model: Union[_Path, _Bytes],
    *,
    config: str = "base",
    batch: int = 1,
    keep_spills: bool = False,
    latency: int = 100,
    bandwidth: tuple[int, int] = (1, 1),
    progress: _Progress = None,
) -> Program:
    """Compiles a TensorFlow Lite model, given by its path or its bytes, for a configuration.

    batch: images at once. keep_spills: Session.read() shows spilled tensors. latency, bandwidth: the
    memory to plan for; programs are right on any. progress(layer, fraction) is called as layers are
    compiled; what it raises ends the compilation.

    Error: not_found, malformed_file, unsupported (names operator and tensor), invalid_argument.
    """

def load(program: Union[_Path, _Bytes]) -> Program:
    """A program that was saved, given by its path or its bytes; it is verified.

    Error: not_found, malformed_file.
    """

def backends() -> list[str]: ...
def configs() -> list[str]: ...
