"""Outputs against the golden model's, byte by byte: `weft verify --expected` compares them."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import weft
from conftest import CONFIG, MODEL, ROOT, random_input

COMMAND = Path(os.environ.get("WEFT_BUILD", "build")) / "bin" / "weft"


def keyword_spotting():
    for data in (os.environ.get("WEFT_DATA"), ROOT.parent / "shared" / "data"):
        for model in Path(data or "/nowhere").glob("mlperf_tiny/models/kws*.tflite"):
            return model
    return None


def verify(model, image, scores, folder):
    image.tofile(folder / "input.raw")
    np.save(folder / "scores.npy", scores)
    command = [COMMAND, "verify", model, "--config", CONFIG, "--backend", "emulator", "--inputs",
               "files", "--input-file", folder / "input.raw", "--expected", folder / "scores.npy",
               "--reports", folder]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True)


def test_digits(session, program, tmp_path):
    for seed in range(3):
        image = random_input(program, seed)
        scores = session.run(image)
        result = verify(MODEL, image, scores, tmp_path)
        assert result.returncode == 0 and "PASS" in result.stdout, result.stdout + result.stderr
        # That it can fail: one byte wrong.
        scores[0, 3] ^= 1
        assert verify(MODEL, image, scores, tmp_path).returncode != 0


def test_keyword_spotting(device, tmp_path):
    model = keyword_spotting()
    if model is None:
        pytest.skip("the keyword spotting network is not here (WEFT_DATA)")
    program = weft.compile(model, config=CONFIG)
    image = random_input(program, 5)
    layers = []
    with device.load(program) as session:
        scores = session.run(image, progress=lambda layer, _: layers.append(layer))
    # It ends with a softmax, which the host runs.
    assert [layer.host is None for layer in program.layers].count(False) > 0
    assert sorted(layers) == sorted(layer.name for layer in program.layers)
    result = verify(model, image, scores, tmp_path)
    assert result.returncode == 0 and "PASS" in result.stdout, result.stdout + result.stderr
