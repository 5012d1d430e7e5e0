#!/usr/bin/env python3
"""Classifies digits on a simulated Weft device and plots where the cycles of one go.

    python examples/python/classify_digits.py [--config base] [--backend rtl] [--images 20]
        [--plot profile.png]

Needs the package weft (`pip install .`, docs/python.md), and matplotlib for --plot.
"""

import argparse
import gzip
import os
import sys
from pathlib import Path

import numpy as np

import weft

ROOT = Path(__file__).resolve().parents[2]


def find_digits(given):
    """The pictures' file: MNIST's where it is, else the project's own 200 digits."""
    places = [Path(given)] if given else []
    if data := os.environ.get("WEFT_DATA"):
        places += [Path(data) / "mnist", Path(data)]
    for place in [*places, ROOT / "data" / "mnist", ROOT / "data"]:
        for name in ("t10k", "digits"):
            if (file := place / f"{name}-images-idx3-ubyte.gz").exists():
                return file
        if given:
            sys.exit(f"There are no digits in {given} (t10k-images-idx3-ubyte.gz)")
    sys.exit("There are no digits here; `make data` fetches MNIST's")


def read_idx(file):
    """An IDX file of bytes as an array."""
    content = gzip.decompress(file.read_bytes())
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def classify(session, pictures, labels):
    """Runs each picture; how many were read as their label says, and the cycles of all."""
    tensor = session.program.inputs[0]
    right = cycles = 0
    for number, (picture, label) in enumerate(zip(pictures, labels), 1):
        image = weft.quantize(picture.reshape(tensor.shape) / 255, tensor)
        scores = session.run(image)
        right += int(scores.argmax()) == label
        cycles += session.statistics["cycles"]
        print(f"\r{number} of {len(pictures)} digits, {right} right", end="", file=sys.stderr)
    print(file=sys.stderr)
    return right, cycles


def plot(profile, file):
    """Cycles of each layer, and what each engine did, as a picture."""
    try:
        import matplotlib
    except ImportError:
        sys.exit("--plot needs matplotlib: pip install matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (top, middle, bottom) = plt.subplots(3, 1, figsize=(9, 9), layout="constrained")
    figure.suptitle(
        f"{profile['model']} on {profile['config']}: {profile['cycles']:,} cycles"
        f" (floor {profile['floor_cycles']:,})"
    )

    layers = profile["layers"]
    names = [layer["name"] for layer in layers]
    rows = np.arange(len(names))
    top.barh(rows - 0.2, [layer["cycles"] for layer in layers], 0.4, label="cycles")
    top.barh(rows + 0.2, [layer["floor_cycles"] for layer in layers], 0.4, label="floor")
    top.set_yticks(rows, names)
    top.invert_yaxis()
    top.set_xlabel("cycles")
    top.legend()

    # Busy, idle, and all the waiting between them.
    kinds = {"busy": "tab:green", "waiting": "tab:orange", "idle": "lightgray"}
    for row, activities in enumerate(profile["engines"].values()):
        parts = {kind: activities.get(kind, 0) for kind in kinds}
        parts["waiting"] = sum(activities.values()) - parts["busy"] - parts["idle"]
        left = 0.0
        for kind, colour in kinds.items():
            part = 100 * parts[kind] / profile["cycles"]
            middle.barh(row, part, left=left, color=colour, label=kind if row == 0 else None)
            left += part
    middle.set_yticks(range(len(profile["engines"])), list(profile["engines"]))
    middle.invert_yaxis()
    middle.set_xlim(0, 100)
    middle.set_xlabel("% of all cycles")
    middle.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=3, frameon=False)

    engines = list(profile["engines"])
    for number, name in enumerate(names):
        pieces = [piece for piece in profile["slices"] if piece["layer"] == name]
        bottom.barh(
            [engines.index(piece["engine"]) for piece in pieces],
            [piece["end"] - piece["begin"] for piece in pieces],
            left=[piece["begin"] for piece in pieces],
            color=f"C{number}",
            label=name,
        )
    bottom.set_yticks(range(len(engines)), engines)
    bottom.invert_yaxis()
    bottom.set_xlim(0, profile["cycles"])
    bottom.set_xlabel("cycle: when each engine held a descriptor of a layer")
    bottom.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=4, frameon=False)

    figure.savefig(file, dpi=100)
    print(f"The profile of the last digit: {file}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=ROOT / "models" / "mnist_convnet.tflite")
    parser.add_argument("--config", default="base", help="one of " + ", ".join(weft.configs()))
    parser.add_argument("--backend", default="rtl", help="one of " + ", ".join(weft.backends()))
    parser.add_argument("--images", type=int, default=20, help="digits to read (20)")
    parser.add_argument("--data", help="directory of digits in IDX form")
    parser.add_argument("--plot", help="PNG of where the cycles of the last digit went (rtl)")
    options = parser.parse_args()

    file = find_digits(options.data)
    pictures = read_idx(file)[: options.images]
    labels = read_idx(file.with_name(file.name.replace("images-idx3", "labels-idx1")))
    try:
        program = weft.compile(options.model, config=options.config)
        with weft.Device(options.backend, options.config) as device:
            with device.load(program, record=bool(options.plot)) as session:
                right, cycles = classify(session, pictures, labels)
                profile = session.profile() if options.plot else None
    except weft.Error as error:
        sys.exit(f"{error.kind}: {error}")
    print(f"{right} of {len(pictures)} digits of {file.parent} right,", end=" ")
    print(f"{cycles // len(pictures):,} cycles each" if cycles else "the emulator has no time")
    if options.plot:
        plot(profile, options.plot)


if __name__ == "__main__":
    main()
