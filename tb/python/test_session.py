"""Running: arrays in and out, what a run cost, and everything that may be given wrong."""

import tracemalloc
import weakref

import numpy as np
import pytest

import weft
from conftest import CONFIG, MODEL, random_input
from errors import fails
from memory import peak_bytes


def test_array_and_dict(session, program, image, expected):
    scores = session.run(image)
    assert scores.dtype == np.int8 and scores.flags.owndata and scores.flags.c_contiguous
    assert np.array_equal(scores, expected)
    named = session.run({program.inputs[0].name: image})
    assert list(named) == [program.outputs[0].name]
    assert np.array_equal(named[program.outputs[0].name], expected)
    # The array of an earlier run is its own.
    session.run(random_input(program, 2))
    assert np.array_equal(scores, expected)


def test_layouts(session, image, expected):
    wide = np.zeros((1, 28, 56, 1), np.int8)
    wide[:, :, ::2] = image
    fortran = np.asfortranarray(image)
    readonly = image.copy()
    readonly.flags.writeable = False
    for same in (wide[:, :, ::2], fortran, readonly, memoryview(image)):
        assert np.array_equal(session.run(same), expected)


def test_contiguous_arrays_are_not_copied():
    program = weft.compile(MODEL, config=CONFIG, batch=32)
    pictures = random_input(program, 1)
    wide = np.repeat(pictures, 2, axis=2)
    with weft.Device("emulator", CONFIG) as device, device.load(program) as session:

        def most_allocated(array):
            tracemalloc.start()
            session.run(array)
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return most

        most_allocated(pictures)
        assert most_allocated(pictures) < pictures.nbytes // 2
        assert most_allocated(wide[:, :, ::2]) > pictures.nbytes


def test_wrong_inputs(session, image, expected):
    for wrong, *words in (
        (None, "None"),
        ([1, 2], "list"),
        ("picture", "str"),
        (image.astype(np.float32), "float32"),
        (image.view(np.uint8), "uint8"),
        (image[0], "28x28x1"),
        (image[:, :-1], "1x27x28x1"),
        (image.reshape(-1), "784"),
        (np.int8(3), "int8"),
    ):
        with fails("invalid_argument", "'image'", "int8", "1x28x28x1", "given was", *words):
            session.run(wrong)
        with fails("invalid_argument", "'image'", *words):
            session.run({"image": wrong})
    with fails("invalid_argument", "'image' is missing"):
        session.run({})
    with fails("invalid_argument", "no input 'second'", "takes image"):
        session.run({"image": image, "second": image})
    with fails("not_found", "'pixels'", "Identity"):
        session.read("pixels")
    assert np.array_equal(session.run(image), expected)


def test_read(session, program, image, expected):
    session.run(image)
    assert np.array_equal(session.read(program.outputs[0].name), expected)
    assert np.array_equal(session.read("image"), image)


def test_what_a_run_cost(session, device, program, image):
    assert set(session.counters.values()) == {0}
    session.run(image)
    counters, statistics = session.counters, session.statistics
    assert {"cycles", "read_beats", "array_busy", "store_idle"} <= set(counters)
    assert statistics["dram_read_bytes"] > 0
    assert len(session.layer_cycles) == len(program.layers)
    # The emulator has no time.
    assert (statistics["cycles"] > 0) == (device.backend == "rtl")
    assert sum(session.layer_cycles) == statistics["cycles"] == counters["cycles"]


def test_cycles_are_the_same_however_a_run_is_watched(program, image):
    cycles = []
    for progress in (None, lambda *_: None):
        with weft.Device("rtl", CONFIG) as device, device.load(program) as session:
            session.run(image, progress=progress)
            cycles.append((session.statistics["cycles"], session.layer_cycles))
    assert cycles[0] == cycles[1]


def test_profile(program, image):
    with weft.Device("rtl", CONFIG) as device:
        with device.load(program) as session:
            session.run(image)
            with fails("invalid_argument", "record=True"):
                session.profile()
        with device.load(program, record=True) as session:
            session.run(image)
            profile = session.profile()
            assert profile["cycles"] == session.statistics["cycles"]
            assert [layer["cycles"] for layer in profile["layers"]] == session.layer_cycles
    for engine in profile["engines"].values():
        assert sum(engine.values()) == profile["cycles"]
    assert {piece["engine"] for piece in profile["slices"]} >= {"load", "array", "vector", "store"}
    assert all(piece["begin"] <= piece["end"] <= profile["cycles"] for piece in profile["slices"])
    with weft.Device("emulator", CONFIG) as device, device.load(program, record=True) as session:
        session.run(image)
        with fails("unsupported", "rtl"):
            session.profile()


def test_batch():
    program = weft.compile(MODEL, config=CONFIG, batch=2)
    pictures = np.concatenate([random_input(program, 3)[:1], random_input(program, 4)[:1]])
    with weft.Device("emulator", CONFIG) as device, device.load(program) as session:
        both = session.run(pictures)
    single = weft.compile(MODEL, config=CONFIG)
    with weft.Device("emulator", CONFIG) as device, device.load(single) as session:
        for i in range(2):
            assert np.array_equal(both[i : i + 1], session.run(pictures[i : i + 1]))


def test_runs_leak_nothing(program, image):
    content = program.to_bytes()

    def work(times):
        for _ in range(times):
            picture = image.copy()
            alive = weakref.ref(picture)
            with device.load(weft.load(content)) as session:
                session.run(picture)
                with pytest.raises(weft.Error):
                    session.run(picture[0])
                with pytest.raises(KeyError):
                    session.run(picture, progress=lambda layer, _: {}[layer])
            del picture
            assert alive() is None

    with weft.Device("emulator", CONFIG) as device:
        work(20)
        before = peak_bytes()
        work(100)
        # A program leaked each time would be more than this.
        assert peak_bytes() - before < 50 * len(content)
