"""Writes small GGUF files and what ggml's Python package reads from them (expected.json).

python make_fixtures.py        (needs gguf and numpy)
"""

import json
from pathlib import Path

import gguf
import numpy as np

FOLDER = Path(__file__).parent / "fixtures"
T = gguf.GGMLQuantizationType
QUANTISED = [T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0]
K_QUANTS = {
    T.Q2_K: (80, 82),
    T.Q3_K: (108,),
    T.Q4_K: (0, 2),
    T.Q5_K: (0, 2),
    T.Q6_K: (208,),
}  # where the half floats lie


def main():
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(FOLDER / "types.gguf", "sd")
    writer.add_string("general.name", "a fixture")
    writer.add_array("names", ["a", "b"])
    writer.add_array("comfy.gguf.orig_shape.reshaped", [4, 2, 2, 2])
    writer.add_uint32("count", 7)
    expected = {}

    def add(name, data, values, shape=None, **options):
        writer.add_tensor(name, data, **options)
        expected[name] = {"shape": list(shape or values.shape), "values": [float(f"{v:.7g}") for v in values.flatten()]}

    values = random.normal(size=(2, 64)).astype(np.float32)
    add("F32", values, values)
    add("F16", values.astype(np.float16), values.astype(np.float16))
    bf16 = gguf.quantize(values, T.BF16)
    add("BF16", bf16, gguf.dequantize(bf16, T.BF16), raw_dtype=T.BF16)
    add("I32", np.arange(6, dtype=np.int32).reshape(2, 3), np.arange(6).reshape(2, 3))
    for t in QUANTISED:
        q = gguf.quantize(values, t)
        add(t.name, q, gguf.dequantize(q, t), raw_dtype=t)
    for t, scales in K_QUANTS.items():
        numbers, size = gguf.GGML_QUANT_SIZES[t]
        q = random.integers(0, 256, size=(1, 2 * size), dtype=np.uint8)
        for block in range(2):
            for at in scales:
                half = random.normal(size=1).astype(np.float16).view(np.uint8)
                q[:, block * size + at : block * size + at + 2] = half
        add(t.name, q, gguf.dequantize(q, t), raw_dtype=t)
    add("reshaped", values.flatten()[:32], values.flatten()[:32], shape=[4, 2, 2, 2])
    conv = random.normal(size=(2, 3, 1, 5)).astype(np.float32)
    add("conv", conv, conv)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (FOLDER / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
