"""Writes small files of torch.save and what PyTorch itself reads from them (expected.json).

python make_fixtures.py        (needs torch and numpy)
"""

import json
from collections import OrderedDict, defaultdict
from pathlib import Path

import numpy
import torch
from torch import nn

FOLDER = Path(__file__).parent / "fixtures"
DTYPES = [
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "float8_e4m3fn",
    "float8_e5m2",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "uint16",
    "bool",
]


def tensors():
    base = torch.arange(-12, 12, dtype=torch.float32) / 4
    shared = torch.arange(60, dtype=torch.float32)
    out = OrderedDict()
    for dtype in DTYPES:
        values = base.abs() if dtype.startswith("u") else base
        out[f"dtype.{dtype}"] = values.to(getattr(torch, dtype)).reshape(2, 3, 4)
    out["view.offset"] = shared[7:19].view(3, 4)
    out["view.transposed"] = shared[20:32].view(3, 4).t()
    out["view.permuted"] = shared[:24].view(2, 3, 4).permute(2, 0, 1)
    out["view.permuted_double"] = shared.double()[:24].view(2, 3, 4).permute(2, 0, 1)
    out["view.permuted_byte"] = shared.byte()[:24].view(2, 3, 4).permute(1, 2, 0)
    out["view.every_third"] = shared[1:50:3]
    out["view.expanded"] = torch.tensor([1.5, 2.5]).view(2, 1).expand(2, 3)
    out["view.overlapping"] = shared.as_strided((4, 5), (2, 1), 3)
    out["scalar"] = torch.tensor(0.75)
    out["empty"] = torch.zeros(0, 4)
    out["parameter"] = nn.Parameter(torch.tensor([[1.0, -2.0]]))
    with_attribute = torch.tensor([3.0, 4.0])
    with_attribute.note = "kept by PyTorch"
    out["with_attribute"] = with_attribute
    return out


def legacy_tensors():
    """The old format has no storages of these types."""
    return OrderedDict((k, v) for k, v in tensors().items() if not k.startswith(("dtype.float8", "dtype.uint16")))


def surroundings(state_dict):
    """What trainers put beside the weights."""
    return {
        "epoch": 3,
        "name": "a fixture",
        "big": 2**70,
        "negative": -(2**40),
        "nothing": None,
        "bytes": b"\x00\xff",
        "numpy": numpy.float32(1.5),
        "array": numpy.arange(3),
        "set": {1, 2},
        "counts": defaultdict(int, a=1),
        "size": torch.Size([1, 2]),
        "dtype": torch.float16,
        "device": torch.device("cpu"),
        "layout": torch.strided,
        "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(2)}}}],
        "state_dict": OrderedDict(("module." + k, v) for k, v in state_dict.items()),
    }


def main():
    FOLDER.mkdir(exist_ok=True)
    torch.save(surroundings(tensors()), FOLDER / "zip.pt")
    torch.save(surroundings(tensors()), FOLDER / "zip-protocol-5.pt", pickle_protocol=5)
    torch.save(surroundings(legacy_tensors()), FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(
        {
            "string_to_token": {"*": 265},
            "string_to_param": nn.ParameterDict({"*": nn.Parameter(torch.ones(2, 3))}),
            "name": "kit",
            "step": 7,
        },
        FOLDER / "embedding.pt",
    )
    torch.save(
        {"image_proj": {"proj.weight": torch.ones(2)}, "ip_adapter": {"1.to_k_ip.weight": torch.zeros(2)}},
        FOLDER / "ip-adapter.bin",
    )
    expected = {
        k: {"shape": list(v.shape), "values": v.detach().double().flatten().tolist()} for k, v in tensors().items()
    }
    (FOLDER / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
