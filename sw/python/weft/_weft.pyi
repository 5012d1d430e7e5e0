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

class InferEvent:
    """What happened to an inference."""

    @property
    def kind(self) -> str:
        """In this order: queued (the queue's thread has taken it), started (its inputs are on the device;
        again, where another's end made it start anew), layer (one has ended, as far as the backend shows
        it), ended (its result or error can be had)."""
    @property
    def request(self) -> int:
        """InferRequest.id"""
    @property
    def layer(self) -> Optional[str]:
        """Of kind layer: its name."""
    @property
    def state(self) -> Optional[str]:
        """Of kind ended: done, failed or cancelled."""

class InferRequest:
    """An inference that was asked for. Any thread may use it, also when the queue is closed."""

    @property
    def id(self) -> int:
        """Counts from 1 in a queue, in the order of submit()."""
    @property
    def state(self) -> str:
        """queued, running, done, failed or cancelled; as of now."""
    @property
    def done(self) -> bool:
        """It has ended, in whatever way."""
    def wait(self, timeout: Optional[float] = None) -> bool:
        """Until it has ended, but at most `timeout` seconds; True: it has. Ctrl-C ends the wait, not the
        inference. Error: invalid_argument in a callback of its queue."""
    def result(self) -> Any:
        """Waits, then gives fresh arrays in the form that the inputs had: an array, or a dict by name.

        Error: device, timeout, cancelled: how the inference ended."""
    def cancel(self) -> bool:
        """Gives it up. True: it ends as cancelled, and soon. False: it had ended before. Others are not
        harmed; those on the device start again."""
    @property
    def cycles(self) -> int:
        """Of its jobs; 0 on a backend without time. This and the next two are of one that ended well:
        Error busy before, its own error otherwise."""
    @property
    def host_seconds(self) -> float:
        """Of the operators that the host ran."""
    @property
    def counters(self) -> Optional[dict[str, int]]:
        """Hardware counters by their names; None where another inference's job was on the device when
        one of its own ended, for that clears them."""

class InferQueue:
    """A program on a device, with several inferences on the way: the device goes from one to the next
    without waiting for Python. It has the device to itself until it is closed. Any thread may use it."""

    def __init__(
        self,
        device: Device,
        program: Program,
        *,
        slots: int = 4,
        max_queued: int = 256,
        timeout_cycles: int = 1_000_000_000,
        on_event: Optional[Callable[[InferEvent], object]] = None,
    ) -> None:
        """slots: inferences on the device at a time, 1 .. 16, each needs memory; max_queued: inferences that
        wait for a slot; timeout_cycles: device cycles that a job may take, from when it is the oldest on
        the device.

        on_event(event) is called on the queue's own thread. It may submit and cancel, but neither wait
        nor close the queue; what it raises goes to sys.unraisablehook, and the inference goes on.

        Error: as Device.load; invalid_argument for options that are not possible.
        """
    def submit(self, inputs: Any, *, timeout_cycles: Optional[int] = None) -> InferRequest:
        """Asks for an inference. Inputs as Session.run takes them; they are copied.

        Error: invalid_argument (an input, a closed queue); busy (max_queued wait already).
        """
    @property
    def unfinished(self) -> int:
        """Inferences that have not ended."""
    def wait_all(self, timeout: Optional[float] = None) -> bool:
        """As InferRequest.wait, for all of them."""
    @property
    def program(self) -> Program: ...
    @property
    def closed(self) -> bool: ...
    def close(self) -> None:
        """Cancels what has not ended, waits for none of it, and gives the device back; more than once
        does nothing. Error: invalid_argument in a callback of this queue."""
    def __enter__(self) -> InferQueue: ...
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

        Error: not_found lists the backends or configurations there are, or says how to build a model;
        invalid_argument names an argument of a wrong type or range.
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

        Error: mismatch (compiled for another configuration), out_of_memory, busy (another session or an
        InferQueue is open), invalid_argument (the device is closed).
        """
    def close(self) -> None:
        """Ends the device and its session or queue; more than once does nothing."""
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

def backends() -> list[str]:
    """What Device takes; the libraries of some may not be built."""
def configs() -> list[str]: ...
