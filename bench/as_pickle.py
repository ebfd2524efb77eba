#!/usr/bin/env python3
"""Write a safetensors file again as torch.save does: {"state_dict": {...}, "global_step": 1}.

    as_pickle.py IN.safetensors OUT.ckpt              zip archive, as PyTorch writes since 1.6
    as_pickle.py IN.safetensors OUT.ckpt --legacy     the format before
    as_pickle.py IN.safetensors OUT.ckpt --transposed matrices lie transposed in the file, as views; the worst case for
    a reader

Needs torch and safetensors.
"""

import argparse

import torch
from safetensors.torch import load_file

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("source")
arguments.add_argument("target")
arguments.add_argument("--legacy", action="store_true")
arguments.add_argument("--transposed", action="store_true")
options = arguments.parse_args()

tensors = load_file(options.source)
if options.transposed:
    tensors = {name: t.t().contiguous().t() if t.ndim == 2 else t for name, t in tensors.items()}
torch.save({"state_dict": tensors, "global_step": 1}, options.target, _use_new_zipfile_serialization=not options.legacy)
