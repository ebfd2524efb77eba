#!/usr/bin/env python3
"""Picks the part of full parity kits that the project's tests use and writes it compressed. It needs only the standard
library.

python reduce_kit.py FULL_KIT FULL_KIT2 kit    # README.md says how the full kits are made
"""

import gzip
import json
import re
import shutil
import sys
from pathlib import Path

CASES = """
a-image-odd-size a-image-external-vae a-image-seed-only
c-v1-original c-v1-diffusers c-v2-odd-size c-v2-one-frame c-v3-original c-v3-long c-lcm-module-ddim-original
c-v2-seed-only
d-lora-kohya-v3 d-lora-noalpha-image d-lora-two-v2 d-lora-negative-weight
e-motion-lora-v2 e-motion-lora-peft-v2
f-euler-linear f-dpmpp_2m-scaled_linear f-dpmpp_2m_karras-linear f-pndm-linear f-unipc-scaled_linear f-ddim-sqrt_linear
f-ddim-cfg1
f-euler_a-linear f-lcm-module-lcm f-euler_trailing f-euler_leading
g-prompt-long g-prompt-empty g-prompt-unicode g-clip-skip-2 g-prompt-travel
h-video-init-strength
i-controlnet-single-image i-sparsectrl-rgb-original
j-freenoise j-window-flat
p-ckpt-zip-nested p-motion-zip-module-prefix a-dora-out t-taesd-decoder s-tcd
""".split()
VECTORS = ["clip.safetensors", "clip.json", "pe.safetensors", "unet.safetensors", "unet.json", "vae.safetensors"]


def contents(kit: Path, name: str) -> list[str]:
    """A file's own name, or the names of all files of a folder."""
    if not (kit / name).is_dir():
        return [name]
    return [str(f.relative_to(kit)) for f in sorted((kit / name).rglob("*")) if f.is_file()]


def main() -> None:
    *kits, out = map(Path, sys.argv[1:])
    shutil.rmtree(out, ignore_errors=True)
    meta = json.loads((kits[0] / "cases.json").read_text(encoding="utf-8"))
    cases = []
    files = {f"vectors/{v}": kits[0] for v in VECTORS}
    for kit in kits:
        for case in json.loads((kit / "cases.json").read_text(encoding="utf-8"))["cases"]:
            if case["name"] not in CASES:
                continue
            cases.append(case)
            named = [found[1] for a in case["args"] if (found := re.search(r"\{kit\}/([^:]+)", a))]
            used = [case["init_golden"], *case["golden"], *(inside for name in named for inside in contents(kit, name))]
            files |= {name: kit for name in used}
    missing = set(CASES) - {c["name"] for c in cases}
    if missing:
        raise SystemExit(f"not in the kits: {', '.join(sorted(missing))}")
    for name, kit in sorted(files.items()):
        source, target = kit / name, out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.startswith("models/"):
            with gzip.GzipFile(f"{target}.gz", "wb", compresslevel=9, mtime=0) as z:
                z.write(source.read_bytes())
        else:
            shutil.copyfile(source, target)
    meta["cases"] = [{k: c[k] for k in ("name", "group", "args", "golden", "init_golden", "tolerance")} for c in cases]
    (out / "cases.json").write_text(json.dumps(meta, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
