"""What the tests share: the shipped network, compiled once, and inputs."""

import os
from pathlib import Path

import numpy as np
import pytest

import weft

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "mnist_convnet.tflite"
CONFIG = os.environ.get("WEFT_CONFIGURATION", "tiny")


@pytest.fixture(scope="session")
def program():
    return weft.compile(MODEL, config=CONFIG)


# All of weft.backends() are in test_device.py's test_every_backend.
@pytest.fixture(params=("rtl", "emulator"))
def device(request):
    try:
        opened = weft.Device(request.param, CONFIG)
    except weft.Error as error:
        # A build without SystemC is whole.
        if error.kind != "not_found" or not request.param.startswith("systemc"):
            raise
        pytest.skip(str(error))
    with opened:
        yield opened


@pytest.fixture
def session(device, program):
    with device.load(program) as opened:
        yield opened


def random_input(program, seed):
    tensor = program.inputs[0]
    return np.random.default_rng(seed).integers(-128, 128, tensor.shape, dtype=np.int8)


@pytest.fixture(scope="session")
def image(program):
    return random_input(program, 1)


@pytest.fixture(scope="session")
def expected(program, image):
    """By the emulator, which test_golden.py holds against the golden model."""
    with weft.Device("emulator", CONFIG) as device, device.load(program) as session:
        return session.run(image)
