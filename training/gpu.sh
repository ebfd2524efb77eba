#!/usr/bin/env bash
# An edition of Mini on a machine with one big GPU and many cores, in minutes and without a network. From the project's root:
#   bash training/gpu.sh wheels       where pip works, once: what that machine lacks, into .whl (21 MB; it has torch, transformers and peft)
#   bash training/gpu.sh check        there, a minute: every stage for a few steps
#   bash training/gpu.sh train 390    there: the published edition goes on in the `wide` world, everything within so many seconds, 200 at least
#   python -m training unpack --source OUT        here, afterwards: lays out/pack.* into training/work
# In OUT: pack.NN, log.txt, base.png, motion.png. What else `python -m training edition` takes may follow (`--batch base=256`).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
START=$(date +%s)
OUT="${OUT:-$PWD/training/work/out}" WHL="${WHL:-$PWD/.whl}" TMP="${TMP:-/tmp/zoetrope}" PY="${PY:-python3}" DEVICE="${DEVICE:-cuda}" CORES="${CORES:-$(nproc)}"
# Asking whether there is a GPU must not begin with CUDA: processes are forked after it.
export PYTHONUNBUFFERED=1 PYTORCH_NVML_BASED_CUDA_CHECK=1 OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}"

wheels() {
  local platforms=()
  for v in manylinux_2_28 manylinux_2_27 manylinux_2_17 manylinux2014; do platforms+=(--platform "${v}_x86_64"); done
  $PY -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 --implementation cp "${platforms[@]}" -d "$WHL" skia-python==144.1 diffusers==0.42.1 importlib_metadata==9.0.0
  du -ch "$WHL"/*.whl
}

# skia is linked against libGL and libEGL but calls neither to draw on the CPU: where they are missing, empty ones do.
gl_stubs() {
  $PY - "$TMP" "${FORCE_STUBS:-}" <<'EOF'
import ctypes, importlib.util, subprocess, sys
from pathlib import Path

out, forced = Path(sys.argv[1], 'stubs'), sys.argv[2]
libraries = {'libGL.so.1': 'gl', 'libEGL.so.1': 'egl'}

def missing(name):
    try:
        ctypes.CDLL(name)
    except OSError:
        return True

if forced or any(map(missing, libraries)):
    wanted = subprocess.run(['nm', '-D', '--undefined-only', importlib.util.find_spec('skia').origin], capture_output=True, text=True, check=True).stdout.split()
    out.mkdir(parents=True, exist_ok=True)
    for library, prefix in libraries.items():
        code = ''.join(f'void {n}(void) {{}}\n' for n in sorted({w.split('@')[0] for w in wanted}) if n.startswith(prefix) and n[len(prefix)].isupper())
        subprocess.run(['gcc', '-shared', '-fPIC', '-x', 'c', '-', '-o', out / library, f'-Wl,-soname,{library}'], input=code, text=True, check=True)
        print(f'{library}: a stub of {code.count("void ") // 2} functions')
EOF
  [ -d "$TMP/stubs" ] && export LD_LIBRARY_PATH="$TMP/stubs:${LD_LIBRARY_PATH:-}"
  return 0
}

setup() {
  mkdir -p "$TMP"
  if compgen -G "$WHL/*.whl" >/dev/null; then
    [ -e "$TMP/site/.done" ] || { $PY -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target "$TMP/site" "$WHL"/*.whl && touch "$TMP/site/.done"; }
    export PYTHONPATH="$TMP/site:${PYTHONPATH:-}"
  fi
  gl_stubs
}

edition() {
  setup
  nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null
  rm -rf "$TMP/work"
  $PY -m training edition --since "$START" --out "$OUT" --work "$TMP/work" --device "$DEVICE" --workers "$((CORES > 2 ? CORES - 2 : 1))" "$@"
}

case "${1:-}" in
  wheels) wheels ;;
  check) mkdir -p "$OUT" && edition --check --seconds 150 "${@:2}" 2>&1 | tee -a "$OUT/log.txt" ;;
  train) mkdir -p "$OUT" && edition --seconds "${2:-390}" "${@:3}" 2>&1 | tee -a "$OUT/log.txt" ;;
  *) sed -n 2,7p "${BASH_SOURCE[0]}" ;;
esac
