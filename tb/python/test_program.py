"""Compiling, saving, loading, and what a program says of itself."""

import pickle

import numpy as np
import pytest

import weft
from conftest import CONFIG, MODEL
from errors import fails


def test_what_it_says(program):
    assert (program.model, program.config) == ("mnist_convnet", CONFIG)
    (image,), (scores,) = program.inputs, program.outputs
    assert (image.shape, image.dtype, image.zero_point) == ((1, 28, 28, 1), np.int8, -128)
    assert image.scale == pytest.approx(1 / 255)
    assert scores.shape == (1, 10)
    assert [layer.name for layer in program.layers][-1] == "dense2"
    assert program.macs == sum(layer.macs for layer in program.layers) == 2528000


def test_from_bytes_file_and_pickle(program, tmp_path):
    same = [weft.compile(MODEL.read_bytes(), config=CONFIG).layers[0].name, program.layers[0].name]
    assert same[0] == same[1]
    file = tmp_path / "net.weft"
    program.save(file)
    assert file.read_bytes() == program.to_bytes()
    for again in (weft.load(file), weft.load(str(file)), weft.load(program.to_bytes()),
                  pickle.loads(pickle.dumps(program))):  # fmt: skip
        assert again.to_bytes() == program.to_bytes()


def test_batch():
    program = weft.compile(MODEL, config=CONFIG, batch=3)
    assert program.inputs[0].shape == (3, 28, 28, 1)


def test_wrong_models(tmp_path):
    with fails("not_found", "nowhere.tflite"):
        weft.compile("nowhere.tflite")
    with fails("malformed_file"):
        weft.compile(b"no model at all")
    with fails("invalid_argument", "None"):
        weft.compile(None)
    with fails("not_found", "'huge'", *weft.configs()):
        weft.compile(MODEL, config="huge")
    with fails("invalid_argument", "batch"):
        weft.compile(MODEL, batch=0)
    with fails("invalid_argument", "2 beats in 1 cycles"):
        weft.compile(MODEL, bandwidth=(2, 1))


def test_wrong_programs(program, tmp_path):
    with fails("invalid_argument", "None"):
        weft.load(None)
    with fails("not_found"):
        weft.load(tmp_path / "none.weft")
    whole = program.to_bytes()
    for broken in (b"", whole[: len(whole) // 2], bytes(len(whole))):
        with fails("malformed_file"):
            weft.load(broken)
    with fails("io"):
        program.save(tmp_path / "none" / "net.weft")


def test_progress():
    told = []
    weft.compile(MODEL, config=CONFIG, progress=lambda layer, part: told.append((layer, part)))
    assert {layer for layer, _ in told} == {"conv1+pool1", "conv2+pool2", "dense1", "dense2"}
    parts = [part for _, part in told]
    assert parts == sorted(parts) and parts[0] > 0 and parts[-1] == 1.0

    def refuse(layer, _):
        raise ZeroDivisionError(layer)

    with pytest.raises(ZeroDivisionError, match="conv1"):
        weft.compile(MODEL, config=CONFIG, progress=refuse)
    with fails("invalid_argument", "progress"):
        weft.compile(MODEL, config=CONFIG, progress=3)


def test_quantize(program):
    tensor = program.inputs[0]
    step = tensor.scale
    real = np.array([0, step, 2.5 * step, 0.499 * step, 1, -1, 2, np.nan, np.inf, -np.inf])
    assert weft.quantize(real, tensor).tolist() == [
        -128, -127, -125, -128, 127, -128, 127, -128, 127, -128]  # fmt: skip
    numbers = np.arange(-128, 128, dtype=np.int8)
    assert np.array_equal(weft.quantize(weft.dequantize(numbers, tensor), tensor), numbers)
    with fails("invalid_argument", "float32"):
        weft.dequantize(np.zeros(3, np.float32), tensor)
    with fails("invalid_argument", "Tensor"):
        weft.quantize(real, None)
