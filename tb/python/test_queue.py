"""InferQueue: inferences on the way together, and everything that may go wrong between threads."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest

import weft
from conftest import CONFIG, random_input
from errors import fails


@pytest.fixture(scope="module")
def images(program):
    return [random_input(program, seed) for seed in range(5)]


@pytest.fixture(scope="module")
def results(program, images):
    with weft.Device("emulator", CONFIG) as device, device.load(program) as session:
        return [session.run(image) for image in images]


@pytest.fixture
def slow(program):
    """A queue whose inferences take a second or more."""
    with weft.Device("rtl", CONFIG, latency=20_000) as device:
        with weft.InferQueue(device, program, slots=2) as opened:
            yield opened


def test_results(device, program, images, results):
    with weft.InferQueue(device, program) as queue:
        requests = [queue.submit(image) for image in images[:3] * 2]
        for number, request in reversed(list(enumerate(requests))):
            assert request.id == number + 1
            assert np.array_equal(request.result(), results[number % 3])
            assert request.done and request.state == "done"
        assert request.result() is not request.result() and queue.unfinished == 0
        named = queue.submit({"image": images[1]}).result()
        assert list(named) == [program.outputs[0].name]
        assert np.array_equal(named[program.outputs[0].name], results[1])
        # Its inputs are its own.
        mine = images[2].copy()
        request = queue.submit(mine)
        mine[...] = 0
        assert np.array_equal(request.result(), results[2])
    # The device is free again.
    with device.load(program) as session:
        assert np.array_equal(session.run(images[0]), results[0])


def test_what_an_inference_cost(program, image):
    with weft.Device("rtl", CONFIG) as device:
        with device.load(program) as session:
            session.run(image)
            cycles, counters = session.statistics["cycles"], session.counters
        with weft.InferQueue(device, program) as queue:
            alone = queue.submit(image)
            alone.wait()
            assert alone.counters["descriptors"] == counters["descriptors"]
            assert alone.counters["array_busy"] == counters["array_busy"]
            assert abs(alone.cycles - cycles) < cycles // 100 and alone.host_seconds == 0
            together = [queue.submit(image) for _ in range(3)]
            queue.wait_all()
            assert together[0].counters is None and together[0].cycles > 0


def test_wrong_options(program):
    with weft.Device("emulator", CONFIG) as device:
        for name, wrong in (
            ("slots", -1),
            ("slots", 2.5),
            ("max_queued", "many"),
            ("timeout_cycles", 1 << 64),
            ("on_event", 3),
        ):
            with fails("invalid_argument", name, str(wrong)):
                weft.InferQueue(device, program, **{name: wrong})
        with fails("invalid_argument", "17", "16"):
            weft.InferQueue(device, program, slots=17)
        with fails("invalid_argument", "Device", "None"):
            weft.InferQueue(None, program)
        with fails("invalid_argument", "Program", "str"):
            weft.InferQueue(device, "program")
        with weft.InferQueue(device, program) as queue:
            with fails("invalid_argument", "'image'", "None"):
                queue.submit(None)
            with fails("invalid_argument", "timeout_cycles"):
                queue.submit(None, timeout_cycles="soon")
            for wrong in (-1, float("nan"), "long"):
                with fails("invalid_argument", "timeout", str(wrong)):
                    queue.wait_all(wrong)


def test_busy_device(device, program, image, expected):
    with weft.InferQueue(device, program) as queue:
        for use in (
            lambda: device.load(program),
            lambda: weft.InferQueue(device, program),
            lambda: device.cycle,
        ):
            with fails("busy", "InferQueue", "mnist_convnet"):
                use()
        assert np.array_equal(queue.submit(image).result(), expected)
    with device.load(program):
        with fails("busy", "mnist_convnet", "session"):
            weft.InferQueue(device, program)
    # One that nobody holds is closed.
    weft.InferQueue(device, program)
    gc.collect()
    device.load(program).close()


def test_full_queue(program, image):
    with weft.Device("rtl", CONFIG, latency=20_000) as device:
        with weft.InferQueue(device, program, slots=1, max_queued=1) as queue:
            first = queue.submit(image)
            while first.state == "queued":
                time.sleep(0.001)
            queue.submit(image)
            with fails("busy", "1 inferences wait"):
                queue.submit(image)


def test_waiting_no_longer_than_asked(slow, image):
    request = slow.submit(image)
    begin = time.monotonic()
    assert not request.wait(0) and not request.wait(0.12) and not slow.wait_all(timeout=0.01)
    assert time.monotonic() - begin >= 0.13
    assert not request.done and slow.unfinished == 1
    with fails("busy", "1", "wait"):
        request.cycles
    assert request.cancel() and request.wait(60)


def test_cancel(slow, image):
    first, second, third = (slow.submit(image) for _ in range(3))
    assert third.cancel() and third.wait(60) and first.cancel() and second.cancel()
    assert slow.wait_all(60)
    for request in (first, second, third):
        assert request.state == "cancelled" and not request.cancel()
        with fails("cancelled", str(request.id)):
            request.result()
        with fails("cancelled"):
            request.counters


def test_time_out(program, image, expected):
    with weft.Device("rtl", CONFIG) as device, weft.InferQueue(device, program) as queue:
        late, good = queue.submit(image, timeout_cycles=100), queue.submit(image)
        with fails("timeout", "100"):
            late.result()
        assert late.state == "failed" and np.array_equal(good.result(), expected)


def test_closed_before_its_requests(slow, image):
    requests = [slow.submit(image) for _ in range(4)]
    assert not slow.closed
    slow.close()
    slow.close()
    assert slow.closed and slow.unfinished == 0 and slow.wait_all()
    for request in requests:
        with fails("cancelled"):
            request.result()
    with fails("cancelled", "queue was closed"):
        slow.submit(image)


def test_device_closed_before_its_queue(program, image, expected):
    device = weft.Device("rtl", CONFIG, latency=20_000)
    queue = weft.InferQueue(device, program)
    request = queue.submit(image)
    device.close()
    assert device.closed and queue.closed and request.state == "cancelled"
    with fails("invalid_argument", "device was closed"):
        weft.InferQueue(device, program)
    # One without a variable lives with its queue, and results without either.
    queue = weft.InferQueue(weft.Device("emulator", CONFIG), program)
    request = queue.submit(image)
    request.wait()
    del queue
    gc.collect()
    assert np.array_equal(request.result(), expected)


def test_closed_while_another_thread_waits(slow, image):
    slow.submit(image)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(slow.wait_all()))
    thread.start()
    slow.close()
    thread.join(60)
    assert ended == [True]


@pytest.mark.parametrize("backend", ("rtl", "emulator"))
def test_threads(backend, program, images, results):
    exact, cancelled = [], []

    def work(first):
        for number in range(first, first + 4):
            request = queue.submit(images[number % 5])
            if number % 4 == 3 and request.cancel():
                with fails("cancelled"):
                    request.result()
                cancelled.append(number)
            else:
                exact.append(np.array_equal(request.result(), results[number % 5]))

    with weft.Device(backend, CONFIG) as device, weft.InferQueue(device, program) as queue:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert all(exact) and len(exact) + len(cancelled) == 16


def test_the_interpreter_goes_on_while_one_waits(slow, image):
    request, steps = slow.submit(image), 0
    thread = threading.Thread(target=request.wait)
    thread.start()
    while not request.done and steps < 20:
        steps += 1
        time.sleep(0.001)
    assert steps == 20
    request.cancel()
    thread.join(60)


def test_interrupt(slow, image):
    request = slow.submit(image)
    for wait in (request.wait, request.result, slow.wait_all):
        timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            wait()
        timer.join()
    assert not request.done


def test_events(program, image):
    told = []
    with weft.Device("rtl", CONFIG) as device:
        with weft.InferQueue(device, program, on_event=told.append) as queue:
            queue.submit(image).wait()
        assert [event.kind for event in told[:2]] == ["queued", "started"]
        assert [event.layer for event in told[2:-1]] == [layer.name for layer in program.layers]
        assert told[-1].kind == "ended" and told[-1].state == "done" and told[-1].layer is None
        assert {event.request for event in told} == {1} and "done" in repr(told[-1])


def test_callbacks_use_the_queue(program, image, expected):
    errors, requests, ended = [], [], threading.Event()

    def on_event(event):
        if event.kind != "ended" or event.request != 1:
            return
        requests.append(queue.submit(image))
        for use in (requests[0].wait, requests[0].result, queue.wait_all, queue.close, device.close):
            try:
                use()
            except weft.Error as error:
                errors.append(error.kind)
        ended.set()

    with weft.Device("emulator", CONFIG) as device:
        with weft.InferQueue(device, program, on_event=on_event) as queue:
            queue.submit(image)
            assert ended.wait(60)
            assert errors == ["invalid_argument"] * 5
            assert np.array_equal(requests[0].result(), expected)


def test_callback_raises(program, image, expected, monkeypatch):
    def refuse(event):
        raise LookupError(event.kind)

    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: told.append(str(report.exc_value)))
    with weft.Device("emulator", CONFIG) as device:
        with weft.InferQueue(device, program, on_event=refuse) as queue:
            assert np.array_equal(queue.submit(image).result(), expected)
    assert {"queued", "started", "ended"} <= {text.strip("'") for text in told}


class Holder:
    """Holds a queue whose callback holds it."""

    def __init__(self, device, program):
        self.queue = weft.InferQueue(device, program, on_event=self.on_event)

    def on_event(self, event):
        pass


def test_cycles_of_references_are_freed(program, image):
    for unfinished in (0, 4):
        with weft.Device("rtl", CONFIG, latency=20_000) as device:
            holder = Holder(device, program)
            requests = [holder.queue.submit(image) for _ in range(unfinished)]
            alive = weakref.ref(holder)
            del holder
            gc.collect()
            assert alive() is None
            device.load(program).close()
            assert all(request.state == "cancelled" for request in requests)


def test_last_reference_goes_in_a_callback(program, image):
    held, ready, gone = [], threading.Event(), threading.Event()

    def on_event(event):
        if event.kind != "started":
            return
        ready.wait(60)
        alive = weakref.ref(held[0])
        held.clear()
        if alive() is None:
            gone.set()

    with weft.Device("emulator", CONFIG) as device:
        held.append(weft.InferQueue(device, program, on_event=on_event))
        request = held[0].submit(image)
        ready.set()
        assert gone.wait(60) and request.wait(60)


@pytest.mark.parametrize("leaving", ("pass", "raise SystemExit(3)", "sys.exit(3)"))
def test_program_ends_with_inferences_on_the_way(leaving):
    script = f"""
import sys
import weft, conftest
program = weft.compile(conftest.MODEL, config=conftest.CONFIG)
device = weft.Device("rtl", conftest.CONFIG, latency=20_000)
queue = weft.InferQueue(device, program, on_event=lambda event: print(event.kind, event.state))
requests = [queue.submit(conftest.random_input(program, 1)) for _ in range(6)]
{leaving}
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=os.path.dirname(__file__),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == (0 if leaving == "pass" else 3), done
    assert done.stdout.count("ended cancelled") == 6 and done.stderr == "", done
