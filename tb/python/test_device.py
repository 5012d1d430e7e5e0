"""Devices and sessions: their life, their trouble, threads."""

import gc
import os
import re
import signal
import threading
import weakref

import numpy as np
import pytest

import weft
from conftest import CONFIG, MODEL
from errors import fails
from memory import peak_bytes


def test_unknown_ones():
    with fails("not_found", "'quantum'", *weft.backends()):
        weft.Device("quantum", CONFIG)
    with fails("not_found", "'huge'", *weft.configs()):
        weft.Device("rtl", "huge")
    with fails("invalid_argument", "multiples of 64"):
        weft.Device("emulator", CONFIG, memory_bytes=1000)
    with pytest.raises(weft.Error):
        weft.Device("rtl", CONFIG, stall=2.0)
    for name, wrong in (
        ("backend", 3),
        ("config", None),
        ("memory_bytes", "much"),
        ("latency", -1),
        ("latency", 1.5),
        ("bandwidth", 1),
        ("bandwidth", (1, "2")),
        ("bandwidth", (1, 2, 3)),
        ("stall", "often"),
        ("seed", 1 << 64),
    ):
        arguments = {"backend": "emulator", "config": CONFIG, name: wrong}
        with fails("invalid_argument", f"{name}.* takes", f"given was {re.escape(repr(wrong))}"):
            weft.Device(**arguments)
    with fails("invalid_argument", "batch", "0"):
        weft.compile(MODEL, config=CONFIG, batch=0)


@pytest.mark.parametrize("backend", weft.backends())
def test_every_backend(backend, program, image, expected):
    try:
        device = weft.Device(backend, CONFIG)
    except weft.Error as error:
        # The one library that a build may do without.
        if backend in ("systemc", "systemc_lt") and error.kind == "not_found":
            pytest.skip(str(error))
        raise
    with device:
        with device.load(program) as session:
            assert np.array_equal(session.run(image), expected)
            assert (session.statistics["cycles"] > 0) == (backend != "emulator")
        with weft.InferQueue(device, program) as queue:
            assert np.array_equal(queue.submit(image).result(), expected)


def test_wrong_loads(device, program):
    with fails("invalid_argument", "None"):
        device.load(None)
    other = "small" if CONFIG != "small" else "tiny"
    with fails("mismatch", CONFIG, other):
        device.load(weft.compile(MODEL, config=other))
    with weft.Device("emulator", CONFIG, memory_bytes=4096) as little:
        with fails("out_of_memory"):
            little.load(program)
        with fails("out_of_memory"):  # not "busy": nothing was loaded
            little.load(program)
    device.load(program).close()


def test_one_session_at_a_time(device, program, image, expected):
    first = device.load(program)
    with fails("busy", "busy", "mnist_convnet", "[Cc]lose"):
        device.load(program)
    assert np.array_equal(first.run(image), expected)
    first.close()
    first.close()
    assert first.closed
    second = device.load(program)
    for dead in (lambda: first.run(image), lambda: first.counters, lambda: first.read("image")):
        with fails("invalid_argument", "session was closed"):
            dead()
    assert np.array_equal(second.run(image), expected)
    # One that nobody holds is closed.
    del second
    gc.collect()
    assert np.array_equal(device.load(program).run(image), expected)


def test_closed_device(device, program, image):
    session = device.load(program)
    device.close()
    device.close()
    assert device.closed and session.closed
    for dead in (lambda: session.run(image), lambda: device.load(program), lambda: device.cycle):
        with fails("invalid_argument", "device was closed"):
            dead()
    session.close()


def test_device_goes_before_its_session(program, image, expected):
    device = weft.Device("emulator", CONFIG)
    session = device.load(program)
    gone = weakref.ref(device) if hasattr(device, "__weakref__") else None
    del device
    gc.collect()
    assert gone is None or gone() is None
    assert np.array_equal(session.run(image), expected)


def test_cycles_of_references_are_freed(program):
    class Holder:
        pass

    before = peak_bytes()
    for _ in range(20):  # 64 MiB each
        holder = Holder()
        holder.me, holder.device = holder, weft.Device("emulator", CONFIG)
        holder.session = holder.device.load(program)
        alive = weakref.ref(holder)
        del holder
        gc.collect()
        assert alive() is None
    assert peak_bytes() - before < 3 * (64 << 20)


def test_time_out(program, image, expected):
    with weft.Device("rtl", CONFIG) as device, device.load(program) as session:
        assert session.timeout_cycles == 10**9
        for cycles in (1, 100, 7000):
            session.timeout_cycles = cycles
            with fails("timeout", str(cycles)):
                session.run(image)
        session.timeout_cycles = 10**9
        assert np.array_equal(session.run(image), expected)


def test_dead_memory(program, image, expected):
    with weft.Device("rtl", CONFIG, latency=1_000_000) as device, device.load(program) as session:
        session.timeout_cycles = 1000
        # The bursts on their way come back long after the driver has given up on them, too.
        with fails("timeout", "soft reset", "memory bus does not answer"):
            session.run(image)
        assert not session.closed
    with weft.Device("rtl", CONFIG) as device, device.load(program) as session:
        assert np.array_equal(session.run(image), expected)


def test_callback_raises(session, image, expected):
    def refuse(layer, _):
        raise LookupError(layer)

    with pytest.raises(LookupError, match="conv1"):
        session.run(image, progress=refuse)
    assert np.array_equal(session.run(image), expected)
    with fails("invalid_argument", "progress", "yes"):
        session.run(image, progress="yes")


def test_callback_is_told_of_every_layer(session, program, image):
    told = []
    session.run(image, progress=lambda layer, part: told.append((layer, part)))
    assert [layer for layer, _ in told] == [layer.name for layer in program.layers]
    assert [part for _, part in told] == [(i + 1) / len(told) for i in range(len(told))]


def test_callback_uses_the_device(device, session, image, expected):
    for use in (lambda: session.run(image), device.close, session.close, lambda: session.counters):
        with fails("busy", "busy"):
            session.run(image, progress=lambda *_: use())
    assert np.array_equal(session.run(image), expected)


def test_interrupt(program, image, expected):
    with weft.Device("rtl", CONFIG, latency=1000) as device, device.load(program) as session:
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            while True:
                session.run(image)
        timer.join()
        assert np.array_equal(session.run(image), expected)


def test_two_devices_in_two_threads(program, image, expected):
    # Each waits in its callback for the other to be in the middle of its own run.
    meeting = threading.Barrier(2, timeout=60)
    results = []

    def work():
        with weft.Device("rtl", CONFIG) as device, device.load(program) as session:
            met = []
            progress = lambda *_: met.append(meeting.wait()) if not met else None  # noqa: E731
            results.append(session.run(image, progress=progress))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2 and all(np.array_equal(r, expected) for r in results)


def test_the_interpreter_goes_on_while_a_run_does(program, image):
    steps, within, ended = 0, 0, threading.Event()

    def work():
        nonlocal within
        try:
            with weft.Device("rtl", CONFIG, latency=1000) as device, device.load(program) as session:
                before = steps
                session.run(image)
                within = steps - before
        finally:
            ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not ended.wait(0.001):
        steps += 1
    thread.join()
    assert within > 10


def test_busy_in_another_thread(program, image):
    with weft.Device("rtl", CONFIG) as device, device.load(program) as session:
        errors, started, asked = [], threading.Event(), threading.Event()

        def hold(*_):
            started.set()
            asked.wait(60)

        thread = threading.Thread(target=lambda: session.run(image, progress=hold))
        thread.start()
        started.wait(60)
        for use in (lambda: session.run(image), device.close, lambda: device.load(program)):
            with fails("busy", "busy"):
                use()
        asked.set()
        thread.join()
        session.run(image)
