#!/usr/bin/env python3
"""Train the MNIST convnet and convert it to a full-int8 TensorFlow Lite file.

    pip install -r scripts/requirements-train.txt
    python3 scripts/train_mnist.py --data DIRECTORY_WITH_THE_FOUR_MNIST_FILES

writes models/mnist_convnet.tflite (the network) and models/mnist_convnet.json
(how it was made and how well it reads).  The network:

    28x28x1 - Conv 3x3x32 relu - MaxPool 2x2 - Conv 3x3x64 relu - MaxPool 2x2
            - Flatten - Dense 64 relu - (Dropout 0.2) - Dense 10 logits

Its float input is pixel / 255, so the int8 input is simply pixel - 128.  The
60,000 training digits are split 55,000 / 5,000 into training and validation;
the 10,000 test digits are read only after the last training step.
"""

import argparse
import concurrent.futures
import gzip
import hashlib
import json
import os
import platform
import sys
import time
from pathlib import Path

# TensorFlow reads these when it is imported.  oneDNN may choose kernels, and
# with them the order of float additions, by processor model; without it a
# second run is far more likely to give the same network bit for bit.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

ROOT = Path(__file__).resolve().parent.parent

# name -> published MD5 of the .gz file
MNIST_MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}

EXPECTED_OPS = [
    "CONV_2D", "MAX_POOL_2D", "CONV_2D", "MAX_POOL_2D",
    "RESHAPE", "FULLY_CONNECTED", "FULLY_CONNECTED",
]

TRAIN_COUNT = 55000
# Mild on purpose: enough to read hands that MNIST does not contain, not so
# much that a 6 begins to look like a 0.
AUGMENT = {"rotate_degrees": 12.0, "scale": 0.10, "shear": 0.15, "shift_pixels": 2.0}


def default_data_dir():
    """Return the directory searched when --data is not given."""
    if os.environ.get("WEFT_DATA"):
        return Path(os.environ["WEFT_DATA"]) / "mnist"
    fetched = ROOT / "data" / "mnist"  # where scripts/fetch_mnist puts them
    if fetched.is_dir():
        return fetched
    return ROOT.parent / "shared" / "data" / "mnist"


def read_idx(path):
    """Return the uint8 array stored in a gzipped IDX file."""
    raw = gzip.decompress(Path(path).read_bytes())
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path}: not an IDX file of unsigned bytes")
    ndim = raw[3]
    shape = tuple(int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big") for i in range(ndim))
    data = np.frombuffer(raw, np.uint8, offset=4 + 4 * ndim)
    if data.size != int(np.prod(shape)):
        raise ValueError(f"{path}: holds {data.size} bytes, its header promises {shape}")
    return data.reshape(shape)


def check_sources(directory):
    """Check the four files against the published MD5s; return {name: md5}."""
    found = {}
    for name, published in MNIST_MD5.items():
        path = Path(directory) / name
        if not path.is_file():
            sys.exit(f"train_mnist: {path} is missing; run scripts/fetch_mnist, or say "
                     f"with --data or WEFT_DATA where the MNIST files are.")
        found[name] = hashlib.md5(path.read_bytes()).hexdigest()
        if found[name] != published:
            sys.exit(f"train_mnist: {path} has MD5 {found[name]}, "
                     f"the published one is {published}.")
    return found


def augment(images, rng):
    """Return the float images, each under its own small random affine map.

    images is (n, 28, 28); sampling is bilinear and outside is black.
    """
    n, height, width = images.shape
    angle = np.deg2rad(rng.uniform(-1, 1, n) * AUGMENT["rotate_degrees"])
    scale = 1 + rng.uniform(-1, 1, n) * AUGMENT["scale"]
    shear = rng.uniform(-1, 1, n) * AUGMENT["shear"]
    shift = rng.uniform(-1, 1, (n, 2)) * AUGMENT["shift_pixels"]
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    # Output coordinates about the centre are mapped back to input coordinates.
    matrix = np.empty((n, 2, 2))
    matrix[:, 0, 0], matrix[:, 0, 1] = cos, -sin
    matrix[:, 1, 0], matrix[:, 1, 1] = sin + shear * cos, cos - shear * sin
    ys, xs = np.mgrid[0:height, 0:width]
    grid = np.stack([ys.ravel(), xs.ravel()]) - 13.5
    out = np.empty_like(images)
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2)))
    stride = width + 3
    for start in range(0, n, 4096):  # in pieces, to bound the memory needed
        part = slice(start, min(start + 4096, n))
        where = matrix[part] @ grid + shift[part, :, None] + 13.5
        y = np.clip(where[:, 0], -1, height) + 1
        x = np.clip(where[:, 1], -1, width) + 1
        y0, x0 = y.astype(np.int32), x.astype(np.int32)
        fy, fx = (y - y0).astype(np.float32), (x - x0).astype(np.float32)
        base = y0 * stride + x0
        flat = padded[part].reshape(base.shape[0], -1)
        top = np.take_along_axis(flat, base, 1) * (1 - fx) + \
            np.take_along_axis(flat, base + 1, 1) * fx
        bottom = np.take_along_axis(flat, base + stride, 1) * (1 - fx) + \
            np.take_along_axis(flat, base + stride + 1, 1) * fx
        out[part] = (top * (1 - fy) + bottom * fy).reshape(-1, height, width)
    return out


def build_model(keras, batch=None):
    """Return the convnet; batch fixes the batch dimension for the export."""
    return keras.Sequential([
        keras.Input((28, 28, 1), batch_size=batch, name="image"),
        keras.layers.Conv2D(32, 3, activation="relu", padding="valid", name="conv1"),
        keras.layers.MaxPooling2D(2, name="pool1"),
        keras.layers.Conv2D(64, 3, activation="relu", padding="valid", name="conv2"),
        keras.layers.MaxPooling2D(2, name="pool2"),
        keras.layers.Flatten(name="flatten"),
        keras.layers.Dense(64, activation="relu", name="dense1"),
        keras.layers.Dropout(0.2, name="dropout"),
        keras.layers.Dense(10, name="logits"),
    ], name="mnist_convnet")


def convert(tf, keras, model, calibration):
    """Return the int8 TensorFlow Lite flatbuffer of a trained model.

    calibration is (n, 28, 28) float images of training digits.
    """
    # With an open batch dimension Flatten becomes SHAPE, STRIDED_SLICE, PACK
    # and RESHAPE; with a batch of 1 throughout it is one constant RESHAPE.
    fixed = build_model(keras, batch=1)
    fixed.set_weights(model.get_weights())

    @tf.function(input_signature=[tf.TensorSpec((1, 28, 28, 1), tf.float32, name="image")])
    def mnist_convnet(image):
        return fixed(image, training=False)

    # Without the model object as second argument the weights are frozen into
    # constants; with it they stay variables that calibration cannot read.
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [mnist_convnet.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [image[None, :, :, None]] for image in calibration)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def reference_interpreter(tf, content):
    """Return an interpreter that runs TensorFlow Lite's reference kernels."""
    interpreter = tf.lite.Interpreter(
        model_content=content, num_threads=1,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    return interpreter


def run_int8(tf, content, pixels, threads=2):
    """Return the int8 logits (n, 10) of the converted network for uint8 pixels."""
    inputs = (pixels.astype(np.int16) - 128).astype(np.int8)

    def work(part):
        interpreter = reference_interpreter(tf, content)
        source = interpreter.get_input_details()[0]["index"]
        result = interpreter.get_output_details()[0]["index"]
        out = np.empty((len(part), 10), np.int8)
        for i, image in enumerate(part):
            interpreter.set_tensor(source, image[None, :, :, None])
            interpreter.invoke()
            out[i] = interpreter.get_tensor(result)[0]
        return out

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(work, np.array_split(inputs, threads))))


def describe(tf, content):
    """Return (operator names in order, list of tensor descriptions)."""
    interpreter = reference_interpreter(tf, content)
    # The interpreter has no public list of its operators.
    ops = interpreter._get_ops_details()
    used = sorted({int(i) for op in ops for i in (*op["inputs"], *op["outputs"]) if i >= 0})
    constants = used_as_constants(interpreter, ops)
    tensors = []
    for detail in sorted(interpreter.get_tensor_details(), key=lambda d: d["index"]):
        if detail["index"] not in used:
            continue
        quant = detail["quantization_parameters"]
        scales = [float(s) for s in quant["scales"]]
        entry = {
            "index": int(detail["index"]),
            "name": detail["name"],
            "kind": "constant" if detail["index"] in constants else "activation",
            "shape": [int(d) for d in detail["shape"]],
            "type": np.dtype(detail["dtype"]).name,
        }
        if len(scales) > 1:
            entry["quantised"] = (f"per channel, axis {int(quant['quantized_dimension'])}, "
                                  f"{len(scales)} scales")
            entry["scale_min"], entry["scale_max"] = min(scales), max(scales)
            entry["zero_point"] = sorted({int(z) for z in quant["zero_points"]})[0]
        elif scales:
            entry["quantised"] = "per tensor"
            entry["scale"] = scales[0]
            entry["zero_point"] = int(quant["zero_points"][0])
        else:
            entry["quantised"] = "no"
        tensors.append(entry)
    return [op["op_name"] for op in ops], tensors


def used_as_constants(interpreter, ops):
    """Return the indices of tensors that no operator makes and no caller sets."""
    made = {int(i) for op in ops for i in op["outputs"]}
    made |= {int(d["index"]) for d in interpreter.get_input_details()}
    return {int(i) for op in ops for i in op["inputs"] if i >= 0} - made


def made_digits(tf, content):
    """Return how many of the digits in data/ the network reads, or None without them."""
    images = ROOT / "data" / "digits-images-idx3-ubyte.gz"
    labels = ROOT / "data" / "digits-labels-idx1-ubyte.gz"
    if not (images.is_file() and labels.is_file()):
        return None
    expected = read_idx(labels)
    right = int((run_int8(tf, content, read_idx(images)).argmax(1) == expected).sum())
    print(f"made digits read right: int8 {right} of {len(expected)}")
    return {"right": right, "of": len(expected)}


def parse_arguments():
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=default_data_dir(),
                        help="directory of the four MNIST .gz files (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=ROOT / "models" / "mnist_convnet.tflite",
                        help="the .tflite to write; the record goes beside it as .json")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3,
                        help="Adam's highest learning rate; it falls to 0 as a half cosine")
    parser.add_argument("--seed", type=int, default=20240)
    parser.add_argument("--calibration", type=int, default=1000,
                        help="number of training digits the activation ranges come from")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main():
    """Train, convert, measure, and write the network and its record."""
    args = parse_arguments()
    sources = check_sources(args.data)

    import tensorflow as tf
    import keras

    tf.config.threading.set_intra_op_parallelism_threads(args.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(args.seed)
    tf.config.experimental.enable_op_determinism()

    pixels = read_idx(args.data / "train-images-idx3-ubyte.gz")
    labels = read_idx(args.data / "train-labels-idx1-ubyte.gz").astype(np.int32)
    # A seeded shuffle before the split: the file's digits come in blocks by
    # writer, so that its last 5,000 alone would be few hands.
    order = np.random.default_rng(args.seed).permutation(len(pixels))
    train, held = order[:TRAIN_COUNT], order[TRAIN_COUNT:]
    images = pixels.astype(np.float32) / np.float32(255)
    val_x, val_y = images[held][..., None], labels[held]

    model = build_model(keras)
    steps = -(-TRAIN_COUNT // args.batch) * args.epochs
    # The schedule counts steps over all epochs, though fit is called for each.
    model.compile(
        optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(args.rate, steps)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"])

    history = []
    for epoch in range(args.epochs):
        started = time.time()
        rng = np.random.default_rng([args.seed, epoch])
        shuffled = rng.permutation(train)
        fit = model.fit(augment(images[shuffled], rng)[..., None], labels[shuffled],
                        batch_size=args.batch, epochs=1, shuffle=False, verbose=0)
        val_loss, val_accuracy = model.evaluate(val_x, val_y, batch_size=500, verbose=0)
        history.append({
            "epoch": epoch + 1,
            "loss": round(float(fit.history["loss"][0]), 6),
            "accuracy": round(float(fit.history["accuracy"][0]), 6),
            "val_loss": round(float(val_loss), 6),
            "val_accuracy": round(float(val_accuracy), 6),
        })
        print(history[-1], f"{time.time() - started:.0f} s", flush=True)

    # Spread over the shuffled training part, never over held-out digits.
    calibration = images[train[:args.calibration]]
    content = convert(tf, keras, model, calibration)
    operators, tensors = describe(tf, content)
    if operators != EXPECTED_OPS:
        sys.exit(f"train_mnist: the converter made {operators}, expected {EXPECTED_OPS}.")

    # Training is over; from here on, and only from here on, the test digits.
    test_pixels = read_idx(args.data / "t10k-images-idx3-ubyte.gz")
    test_labels = read_idx(args.data / "t10k-labels-idx1-ubyte.gz").astype(np.int32)
    logits = model.predict((test_pixels.astype(np.float32) / np.float32(255))[..., None],
                           batch_size=500, verbose=0)
    float_right = int((logits.argmax(1) == test_labels).sum())
    int8_right = int((run_int8(tf, content, test_pixels, args.threads).argmax(1)
                      == test_labels).sum())
    print(f"test digits read right: float {float_right}, int8 {int8_right} "
          f"of {len(test_labels)}")
    made = made_digits(tf, content)

    dense = [t for t in tensors if t["kind"] == "constant" and t["type"] == "int8"
             and len(t["shape"]) == 2]
    record = {
        "file": args.output.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "reproduce": "python3 scripts/train_mnist.py --data DIRECTORY_OF_THE_MNIST_FILES"
                     + "".join(f" --{key} {getattr(args, key)}" for key in
                               ("epochs", "batch", "rate", "seed", "calibration", "threads")),
        "reproducibility": "All seeds are fixed and TensorFlow's operators are told to be "
                           "deterministic; another processor type, number of threads or "
                           "version may still round float sums differently and give a "
                           "network that differs in its last digits.",
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "network": ["conv 3x3x32 valid relu", "max pool 2x2", "conv 3x3x64 valid relu",
                    "max pool 2x2", "flatten", "dense 64 relu",
                    "dropout 0.2 (training only)", "dense 10 (logits, no softmax)"],
        "parameters": int(model.count_params()),
        "input": "float pixel / 255; as int8: pixel - 128",
        "training": {
            "seed": args.seed, "epochs": args.epochs, "batch": args.batch,
            "optimizer": "Adam", "rate": args.rate,
            "schedule": "half cosine from the rate to 0 over all steps",
            "loss": "sparse categorical cross-entropy from logits",
            "augmentation": {"distribution": "uniform in +- each value", **AUGMENT},
        },
        "split": {
            "training": TRAIN_COUNT, "validation": len(held), "test": len(test_labels),
            "how": "numpy default_rng(seed).permutation of the 60,000 training digits: the "
                   "first 55,000 train, the rest validate; the test file is only read at "
                   "the end",
        },
        "quantisation": {
            "scheme": "full int8, int8 input and output",
            "calibration": f"the first {args.calibration} digits of the training part, "
                           "not augmented",
            "dense_weights": [f"{'x'.join(map(str, t['shape']))}: {t['quantised']}"
                              for t in dense],
        },
        "accuracy": {
            "float_test": float_right / len(test_labels),
            "int8_test": int8_right / len(test_labels),
            "int8_made_digits": made,
            "int8_kernels": "tf.lite.Interpreter, OpResolverType.BUILTIN_REF",
        },
        "operators": operators,
        "tensors": tensors,
        "source_md5": sources,
        "history": history,
    }
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_bytes(content)
    args.output.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
