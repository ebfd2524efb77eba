#!/usr/bin/env python3
"""Writes adapters.json: small OFT, BOFT and GLoRA layers, and the weights that they make of a layer at strength 1.

    python make_adapters.py    # needs numpy

The formulas are written out here with explicit matrices, in double precision. Sources: Qiu et al. 2023 (arXiv
2306.07280),
Liu et al. 2023 (arXiv 2311.06243), Chavan et al. 2023 (arXiv 2306.07967), and the conventions of kohya-ss/sd-scripts
and LyCORIS:
OFT multiplies each run of outputs by the transpose of its rotation, BOFT by the rotation. lycoris-lora 4.1.3 computes
the same to 3e-6.
"""

import json
from pathlib import Path

import numpy as np

rng = np.random.default_rng(7)


def draw(*shape):
    return rng.normal(size=shape).astype(np.float32)


def rotations(blocks, limit):
    q = blocks.astype(np.float64)
    q = q - q.swapaxes(-1, -2)
    norm = np.linalg.norm(q)
    if limit and norm > limit:
        q = q * limit / norm
    i = np.eye(q.shape[-1])
    return (i + q) @ np.linalg.inv(i - q)


def oft(w, blocks, alpha, rescale):
    count, size, _ = blocks.shape
    whole = np.zeros((len(w), len(w)))
    for k, r in enumerate(rotations(blocks, alpha * len(w))):
        whole[k * size : (k + 1) * size, k * size : (k + 1) * size] = r.T
    return rescale.reshape(-1, 1) * (whole @ w)


def boft(w, blocks, alpha, rescale):
    stages, count, size, _ = blocks.shape
    out = len(w)
    for stage, turns in enumerate(rotations(blocks, alpha * out)):
        apart = 2**stage * size // 2
        # Outputs [group, half, place] in the order [group, place, half].
        order = np.arange(out).reshape(-1, 2, apart).swapaxes(1, 2).ravel()
        permute = np.eye(out)[order]
        whole = np.zeros((out, out))
        for k, r in enumerate(turns):
            whole[k * size : (k + 1) * size, k * size : (k + 1) * size] = r
        w = permute.T @ whole @ permute @ w
    return rescale.reshape(-1, 1) * w


def glora(w, a, b, scale):
    """w [out, in, places], a [in, in], b [out, in * places]"""
    return w + scale * (np.einsum("oip,ij->ojp", w, a) + b.reshape(w.shape))


def numbers(array):
    """As short as fp32 allows."""
    return [float(str(x)) for x in np.asarray(array, np.float32).ravel()]


def case(name, w, tensors, made):
    listed = [[role, list(t.shape), numbers(t)] for role, t in tensors.items()]
    return dict(name=name, shape=list(w.shape), weight=numbers(w), tensors=listed, expected=numbers(made))


def orthogonal(name, make, w, blocks, alpha=0.0, rescaled=False):
    tensors = dict(oft_blocks=blocks, alpha=np.float32(alpha))
    rescale = np.ones(len(w))
    if rescaled:
        tensors["rescale"] = draw(len(w), *[1] * (w.ndim - 1))
        rescale = tensors["rescale"]
    return case(name, w, tensors, make(w.reshape(len(w), -1).astype(np.float64), blocks, alpha, rescale))


def general(name, w, rank, alpha, older):
    out, inputs, *kernel = w.shape
    ones = [1] * len(kernel)
    a1, a2, b1, b2 = draw(inputs, rank), draw(rank, inputs), draw(out, rank), draw(rank, inputs * int(np.prod(kernel)))
    made = glora(
        w.reshape(out, inputs, -1).astype(np.float64),
        a1.astype(np.float64) @ a2,
        b1.astype(np.float64) @ b2,
        alpha / rank,
    )
    stored = dict(a1=a1.reshape(inputs, rank, *ones), a2=a2.reshape(rank, inputs, *ones))
    stored |= dict(b1=b1.reshape(out, rank, *ones), b2=b2.reshape(rank, inputs, *kernel))
    if older:
        stored = dict(a1=stored["a2"], a2=stored["a1"], b1=stored["b2"], b2=stored["b1"])
    return case(name, w, {f"{role}.weight": t for role, t in stored.items()} | dict(alpha=np.float32(alpha)), made)


cases = [
    orthogonal("OFT of a linear layer", oft, draw(6, 4), draw(2, 3, 3)),
    orthogonal(
        "OFT of a convolution, limited and rescaled", oft, draw(4, 2, 3, 3), draw(2, 2, 2), alpha=0.05, rescaled=True
    ),
    orthogonal("OFT that does not reach its limit", oft, draw(6, 4), draw(3, 2, 2), alpha=50.0),
    orthogonal("BOFT of a linear layer", boft, draw(16, 3), draw(3, 4, 4, 4)),
    orthogonal(
        "BOFT of a convolution, limited and rescaled",
        boft,
        draw(8, 2, 1, 1),
        draw(3, 4, 2, 2),
        alpha=0.1,
        rescaled=True,
    ),
    general("GLoRA of a linear layer", draw(4, 6), 2, 3.0, older=False),
    general("GLoRA of a convolution", draw(4, 3, 3, 3), 2, 1.0, older=False),
    general("an older GLoRA", draw(4, 6), 2, 3.0, older=True),
]
Path(__file__).with_name("adapters.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
