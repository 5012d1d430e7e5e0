#!/usr/bin/env python3
"""Make the project's own small set of handwritten-looking digits.

    python3 scripts/make_digits.py            write data/digits-*-ubyte.gz
    python3 scripts/make_digits.py --check    compare them with what this makes
    python3 scripts/make_digits.py --sheet sheet.png

200 digits, 20 of each class, in MNIST's file format and made up as MNIST's
are: white ink on black, fitted into a 20 x 20 box with their aspect ratio
kept, centred by centre of mass in 28 x 28.  Every digit is drawn from one of
the stroke templates below: its control points are moved a little, joined by
smooth curves, distorted by a random affine map and inked with a pen of random
and slowly varying width.  Nothing comes from a font or from MNIST.

Needs numpy and the standard library only.
"""

import argparse
import gzip
import math
import random
import struct
import sys
import zlib
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
IMAGES = "digits-images-idx3-ubyte.gz"
LABELS = "digits-labels-idx1-ubyte.gz"
SEED = 1
PER_CLASS = 20
SIDE, BOX = 28, 20

# A template is a list of strokes, a stroke a list of points (x, y) in the unit
# square with y downwards, and the pen runs smoothly through all of them; a
# third element marks a corner, where it may turn sharply.
C = True
TEMPLATES = {
    0: [
        [[(.52, .0), (.2, .13), (.04, .5), (.18, .86), (.5, 1.), (.82, .86),
          (.96, .5), (.8, .13), (.5, .0)]],
        [[(.66, .06), (.36, .04), (.1, .28), (.04, .64), (.28, .97), (.64, .95),
          (.92, .62), (.88, .24), (.62, .02), (.4, .08)]],
        [[(.4, .02), (.12, .25), (.05, .6), (.25, .94), (.58, .98), (.88, .72),
          (.93, .36), (.72, .06), (.38, .0)]],
    ],
    1: [
        [[(.5, .0), (.5, .34), (.5, .67), (.5, 1.)]],
        [[(.56, .0), (.53, .35), (.48, .68), (.46, 1.)]],
        [[(.34, .2), (.5, .0, C), (.5, .5), (.5, 1.)]],
        [[(.5, .0), (.47, .3), (.47, .7), (.5, 1.)]],
    ],
    2: [
        [[(.1, .24), (.3, .02), (.66, .02), (.84, .24), (.7, .5), (.4, .76),
          (.06, 1., C), (.5, .98), (.96, .97)]],
        [[(.12, .2), (.34, .01), (.68, .05), (.82, .28), (.66, .58), (.38, .84),
          (.12, .96), (.05, .84), (.2, .76), (.46, .86), (.7, .96), (.96, .9)]],
        [[(.08, .14), (.4, .0), (.74, .1), (.78, .36), (.54, .66), (.1, .97, C),
          (.5, .93), (.92, 1.)]],
    ],
    3: [
        [[(.12, .12), (.44, .0), (.78, .1), (.76, .33), (.4, .47, C), (.76, .55),
          (.9, .77), (.64, .97), (.3, .99), (.06, .87)]],
        [[(.14, .03), (.5, .02), (.86, .01, C), (.62, .22), (.42, .42, C), (.76, .48),
          (.9, .72), (.66, .95), (.34, 1.), (.08, .9)]],
        [[(.1, .1), (.42, .0), (.76, .08), (.8, .28), (.56, .44), (.36, .48, C),
          (.62, .5), (.86, .66), (.8, .88), (.5, 1.), (.1, .94)]],
    ],
    4: [
        [[(.16, .04), (.1, .3), (.06, .56, C), (.48, .56), (.96, .52)],
         [(.74, .0), (.7, .5), (.66, 1.)]],
        [[(.68, .0), (.38, .32), (.04, .66, C), (.5, .66), (.96, .64)],
         [(.68, .0), (.68, .5), (.67, 1.)]],
        [[(.12, .02), (.07, .28), (.16, .5), (.46, .54), (.78, .44)],
         [(.82, .0), (.78, .5), (.72, 1.)]],
    ],
    5: [
        [[(.26, .02), (.22, .22), (.18, .44, C), (.5, .36), (.82, .5), (.86, .76),
          (.58, .98), (.1, .94)],
         [(.26, .02), (.56, .02), (.92, .0)]],
        [[(.86, .02), (.56, .01), (.26, .03, C), (.22, .24), (.16, .46, C), (.48, .41),
          (.8, .54), (.84, .8), (.52, 1.), (.08, .96)]],
        [[(.9, .0), (.6, .03), (.32, .05, C), (.2, .42, C), (.54, .44), (.8, .62),
          (.7, .88), (.4, 1.), (.06, .9)]],
    ],
    6: [
        [[(.74, .0), (.42, .18), (.16, .48), (.08, .76), (.28, .98), (.62, .97),
          (.82, .78), (.68, .58), (.38, .6), (.14, .78)]],
        [[(.5, .0), (.26, .26), (.1, .56), (.1, .84), (.36, 1.), (.7, .9),
          (.8, .68), (.56, .54), (.24, .64), (.1, .82)]],
        [[(.62, .0), (.3, .24), (.1, .58), (.16, .9), (.48, 1.), (.82, .86),
          (.84, .62), (.54, .5), (.24, .6), (.13, .78)]],
    ],
    7: [
        [[(.04, .05), (.48, .04), (.92, .02, C), (.66, .48), (.42, 1.)]],
        [[(.06, .18), (.08, .05, C), (.5, .03), (.9, .02, C), (.74, .34), (.56, .66),
          (.48, 1.)]],
        [[(.04, .05), (.46, .05), (.9, .03, C), (.64, .5), (.44, 1.)],
         [(.3, .52), (.58, .5), (.86, .48)]],
        [[(.06, .08), (.4, .03), (.76, .03), (.84, .12), (.66, .46), (.46, 1.)]],
    ],
    8: [
        [[(.84, .14), (.54, .0), (.2, .12), (.26, .34), (.54, .5), (.8, .7), (.72, .94),
          (.42, 1.), (.15, .86), (.26, .64), (.54, .46), (.78, .28), (.82, .1)]],
        [[(.5, .0), (.2, .1), (.2, .34), (.5, .46), (.8, .34), (.8, .1), (.5, .0)],
         [(.5, .46), (.18, .58), (.1, .8), (.34, .99), (.66, .99), (.9, .8), (.82, .58),
          (.5, .46)]],
        [[(.56, .46), (.26, .32), (.26, .1), (.54, .0), (.8, .12), (.72, .34), (.4, .54),
          (.14, .76), (.26, .97), (.58, .99), (.78, .82), (.7, .6), (.5, .44)]],
    ],
    9: [
        [[(.8, .14), (.52, .0), (.2, .12), (.12, .36), (.34, .52), (.64, .42), (.82, .16, C),
          (.78, .56), (.72, 1.)]],
        [[(.78, .12), (.48, .0), (.18, .16), (.16, .42), (.42, .52), (.7, .38),
          (.82, .1, C), (.8, .5), (.66, .82), (.36, 1.)]],
        [[(.84, .2), (.6, .01), (.28, .06), (.12, .3), (.28, .5), (.6, .46), (.82, .24, C),
          (.76, .6), (.58, 1.)]],
    ],
}


def between(rng, low, high):
    """Return a random float from low to high.

    Only rng.random() is used anywhere: Python promises that its sequence for a
    given seed stays the same from version to version.
    """
    return low + (high - low) * rng.random()


def bell(rng):
    """Return a bell-shaped random float of mean 0 and deviation 1."""
    return (rng.random() + rng.random() + rng.random() - 1.5) * 2


def smooth(points):
    """Return (n, 2) samples of the curve through points (see TEMPLATES).

    Cubic Bezier pieces whose handles follow the neighbouring points
    (Catmull-Rom); at a corner and at the ends a handle aims at the next point.
    """
    place = [np.array(p[:2], float) for p in points]
    corner = [len(p) > 2 for p in points]
    last = len(points) - 1
    samples = []
    t = np.linspace(0, 1, 24, endpoint=False)[:, None]
    for i in range(last):
        a, d = place[i], place[i + 1]
        before = a if i == 0 or corner[i] else place[i - 1]
        after = d if i + 1 == last or corner[i + 1] else place[i + 2]
        b, c = a + (d - before) / 6, d - (after - a) / 6
        u = 1 - t
        samples.append(u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d)
    samples.append(place[last][None])
    return np.concatenate(samples)


def hand_drawn(strokes, rng):
    """Return the strokes as sampled curves with one writer's distortions."""
    jitter = between(rng, .012, .042)
    curves = []
    for stroke in strokes:
        curves.append(smooth([(p[0] + jitter * bell(rng), p[1] + jitter * bell(rng), *p[2:])
                              for p in stroke]))
    slant = between(rng, -.12, .4)
    turn = math.radians(between(rng, -9, 9))
    width = between(rng, .58, .95)
    cos, sin = math.cos(turn), math.sin(turn)
    # Unit square to paper: narrow, then slant to the right, then turn.
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, -slant], [0, 1]]) \
        @ np.array([[width, 0], [0, 1]])
    return [curve @ matrix.T for curve in curves]


def ink(points, radius, soft):
    """Return a SIDE x SIDE image in 0..1 of discs of the given radii at points.

    points are in pixels, (0, 0) being the image's upper left corner; ink fades
    out over soft pixels at its edge, and every pixel averages 3 x 3 samples.
    """
    fine = (np.arange(3 * SIDE) + .5) / 3
    field = np.full((3 * SIDE, 3 * SIDE), -1e9)
    for (x, y), r in zip(points, radius):
        # Square roots are rounded alike everywhere, so the files can be too.
        dist = np.sqrt((fine[None, :] - x) ** 2 + (fine[:, None] - y) ** 2)
        np.maximum(field, r - dist, out=field)
    cover = np.clip(field / soft + .5, 0, 1)
    return cover.reshape(SIDE, 3, SIDE, 3).mean(axis=(1, 3))


def draw(digit, template, rng):
    """Return one SIDE x SIDE uint8 image of a digit."""
    curves = hand_drawn(TEMPLATES[digit][template], rng)
    pen = between(rng, 1.7, 3.4)
    soft = between(rng, .7, 1.2)
    points = np.concatenate(curves)
    low, high = points.min(axis=0), points.max(axis=0)
    # The inked digit is to fill the box, so the pen's middle stays inside it.
    points = (points - low) * ((BOX - pen) / (high - low).max())

    # Pressure comes and goes slowly along the way.
    swing, turns, phase = between(rng, 0, .14), between(rng, .5, 2), between(rng, 0, 1)
    along = np.linspace(0, 1, len(points))
    radius = pen / 2 * np.array(
        [1 + swing * math.sin(2 * math.pi * (turns * a + phase)) for a in along])

    middle = SIDE / 2
    points = points + (middle - points.max(axis=0) / 2)
    image = ink(points, radius, soft)
    centres = np.arange(SIDE) + .5
    mass = image.sum()
    centre = np.array([(image.sum(axis=0) * centres).sum(), (image.sum(axis=1) * centres).sum()])
    image = ink(points + (middle - centre / mass), radius, soft)
    return np.floor(image * 255 + .5).astype(np.uint8)


def make_digits(seed=SEED):
    """Return (images (200, 28, 28) uint8, labels (200,) uint8).

    Every ten consecutive digits hold each class once, in random order, so that
    any first few tens are a balanced sample; a class takes its templates in
    turn.
    """
    rng = random.Random(seed)
    images, labels = [], []
    for turn in range(PER_CLASS):
        order = sorted((rng.random(), digit) for digit in range(10))
        for _, digit in order:
            images.append(draw(digit, turn % len(TEMPLATES[digit]), rng))
            labels.append(digit)
    return np.stack(images), np.array(labels, np.uint8)


def idx_bytes(array):
    """Return a uint8 array in the IDX format of MNIST, not compressed."""
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim)
    header += struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


def write_gzip(path, content):
    """Write content gzipped without a time or a name, so that it is repeatable."""
    with open(path, "wb") as raw, \
            gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0) as out:
        out.write(content)


def write_sheet(path, images, columns=20, zoom=2):
    """Write all images side by side into a grey-scale PNG, to look at."""
    rows = -(-len(images) // columns)
    sheet = np.zeros((rows * SIDE, columns * SIDE), np.uint8)
    for i, image in enumerate(images):
        y, x = i // columns * SIDE, i % columns * SIDE
        sheet[y:y + SIDE, x:x + SIDE] = image
    sheet = sheet.repeat(zoom, axis=0).repeat(zoom, axis=1)
    lines = b"".join(b"\0" + line.tobytes() for line in sheet)

    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body
                + struct.pack(">I", zlib.crc32(kind + body)))

    head = struct.pack(">IIBBBBB", sheet.shape[1], sheet.shape[0], 8, 0, 0, 0, 0)
    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
                           + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b""))


def main():
    """Write, or with --check compare, the two files."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "data",
                        help="directory of the two files (default: data in this checkout)")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; fail unless the files hold what this makes")
    parser.add_argument("--sheet", type=Path, help="also write a contact sheet as PNG")
    args = parser.parse_args()

    images, labels = make_digits()
    if args.sheet:
        by_class = np.argsort(labels, kind="stable")
        write_sheet(args.sheet, images[by_class])
    for name, array in ((IMAGES, images), (LABELS, labels)):
        path = args.output / name
        content = idx_bytes(array)
        if not args.check:
            args.output.mkdir(parents=True, exist_ok=True)
            write_gzip(path, content)
        # Contents are compared, not files: zlib's versions compress differently.
        elif not path.is_file() or gzip.decompress(path.read_bytes()) != content:
            sys.exit(f"make_digits: {path} is not what this script makes.")


if __name__ == "__main__":
    main()
