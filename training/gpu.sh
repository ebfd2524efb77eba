#!/usr/bin/env bash
# An edition of Mini on a machine with one big GPU and many cores, in minutes and without a network. From the project's root:
#   bash training/gpu.sh wheels       where pip works, once: what that machine lacks, into .whl (21 MB; it has torch, transformers and peft)
#   bash training/gpu.sh check        there, a minute: every stage for a few steps, and how fast base and motion are
#   bash training/gpu.sh train 390    there: the published edition goes on in the `wide` world, everything within so many seconds
#   python -m training unpack --source OUT        here, afterwards: lays out/pack.* into training/work
# In OUT: pack.NN, log.txt, base.png, motion.png. The variables below change sizes; COMPILE="base motion" compiles these two
# (where `check` says ok for compile-base and compile-motion, which also fill the cache).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
OUT="${OUT:-$PWD/training/work/out}" WHL="${WHL:-$PWD/.whl}" TMP="${TMP:-/tmp/zoetrope}" PY="${PY:-python3}" DEVICE="${DEVICE:-cuda}" WORLD="${WORLD:-wide}" COMPILE="${COMPILE:-}"
CORES="${CORES:-$(nproc)}" WORK="${WORK:-$TMP/work}"
BASE_CLIPS="${BASE_CLIPS:-64000}" MOTION_CLIPS="${MOTION_CLIPS:-16000}" STYLE_CLIPS="${STYLE_CLIPS:-6000}" CAMERA_CLIPS="${CAMERA_CLIPS:-48}" SUBJECT_CLIPS="${SUBJECT_CLIPS:-60}"
BASE_BATCH="${BASE_BATCH:-512}" MOTION_BATCH="${MOTION_BATCH:-48}" STYLE_BATCH="${STYLE_BATCH:-128}" CAMERA_BATCH="${CAMERA_BATCH:-8}" SUBJECT_BATCH="${SUBJECT_BATCH:-32}"
LCM_BATCH="${LCM_BATCH:-256}" LCM_MOTION_BATCH="${LCM_MOTION_BATCH:-16}" FOREIGN_BATCH="${FOREIGN_BATCH:-192}"
export PYTHONUNBUFFERED=1 TOKENIZERS_PARALLELISM=false OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}" TORCHINDUCTOR_CACHE_DIR="${TORCHINDUCTOR_CACHE_DIR:-$TMP/inductor}"
STYLES="neon chalk pastel pencil" CAMERAS="zoom pan"
LATE="${LATE:-25}"  # seconds that a stage may be late before it is stopped (it saves first)

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
  mkdir -p "$OUT" "$TMP"
  if compgen -G "$WHL/*.whl" >/dev/null; then
    [ -e "$TMP/site/.done" ] || { $PY -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target "$TMP/site" "$WHL"/*.whl && touch "$TMP/site/.done"; }
    export PYTHONPATH="$TMP/site:${PYTHONPATH:-}"
  fi
  gl_stubs
}

training() { $PY -m training "$@" --work "$WORK" --device "$DEVICE"; }
# A command whose lines come out under its name; that it failed is said and stops nothing.
named() { local name=$1; shift; "$@" 2>&1 | sed -u "s/^/$name: /" || echo "$name: FAILED"; }
compiled() { [[ " $COMPILE " == *" $1 "* ]] && echo --compile; }
seconds() { echo $(($(date +%s) - START)); }

train() {
  START=$(date +%s)
  local total=$1
  # When the parts are over, in thousandths of the whole: steps end then, saving comes on top.
  ends() { echo $((START + total * $1 / 1000)); }
  stage() {
    local name=$1 end; end=$(ends "$2"); shift 2
    named "$name" timeout -k 10 $((end + LATE - $(date +%s))) $PY -m training "$@" --work "$WORK" --device "$DEVICE" --finish --workers "$CORES" --minutes 99 --until "$end" --save-minutes 99 --log-every "${LOG_EVERY:-100}"
  }
  setup
  rm -rf "$WORK"
  named restore training restore --world "$WORLD" || return 1
  # Later sets are rendered while the base learns; what compiles does so beforehand, for the cache, in a run of its own.
  warm() {
    [ -n "$(compiled "$1")" ] || return 0
    mkdir "$TMP/warm-$1" && cp -r "$WORK/ckpt" "$WORK/run.json" "$WORK/vocab.json" "$TMP/warm-$1"
    named "warm $1" $PY -m training probe "$1" --compile --batches "$2" --steps 1 --clips 64 --workers 1 --work "$TMP/warm-$1" --device "$DEVICE"
  }
  rm -rf "$TMP"/warm-*
  warm base "$BASE_BATCH" &
  {
    while [ ! -e "$WORK/data/base/done.json" ] && [ "$(seconds)" -lt "$((total / 2))" ]; do sleep 1; done
    sets() { named "set $1" training dataset --set "$1" --clips "$2" --workers "$((CORES > 4 ? CORES - 3 : 1))"; }
    sets motion "$MOTION_CLIPS"; sets lora "$STYLE_CLIPS"; sets dreambooth "$SUBJECT_CLIPS"; sets motion-lora "$CAMERA_CLIPS"
    warm motion "$MOTION_BATCH"
  } &
  local sets=$!
  stage base 550 base --clips "$BASE_CLIPS" --batch "$BASE_BATCH" --lr "${BASE_LR:-1.5e-3}" --ways 0.5 --fall 0.4 $(compiled base)
  echo "--- base done at $(seconds) s"
  wait $sets
  # Foreign words leave the states of known ones as they are: the motion module need not wait for them.
  stage foreign 650 foreign --batch "$FOREIGN_BATCH" --clips "${FOREIGN_CLIPS:-8000}" --lr 7e-4 &
  stage motion 770 motion --clips "$MOTION_CLIPS" --batch "$MOTION_BATCH" --fall 0.5 $(compiled motion)
  wait
  echo "--- motion done at $(seconds) s"
  collect &
  for s in $STYLES; do stage "$s" 930 lora --style "$s" --clips "$STYLE_CLIPS" --batch "$STYLE_BATCH" --no-sheet & done
  # More steps than these leave the motion module behind (training/README, lesson 21).
  stage robot 930 dreambooth --subject robot --clips "$SUBJECT_CLIPS" --batch "$SUBJECT_BATCH" --steps 630 --no-sheet &
  for c in $CAMERAS; do stage "$c" 930 motion-lora --camera "$c" --clips "$CAMERA_CLIPS" --batch "$CAMERA_BATCH" --steps 400 --no-sheet & done
  { stage lcm 840 lcm --clips "$BASE_CLIPS" --batch "$LCM_BATCH" --no-sheet
    stage lcm-motion 930 lcm-motion --clips "$MOTION_CLIPS" --batch "$LCM_MOTION_BATCH" --no-sheet; } &
  stage joint 930 motion --joint --clips "$MOTION_CLIPS" --batch "$MOTION_BATCH" --no-sheet &
  wait
  echo "--- all done at $(seconds) s"
  collect
  echo "--- packed at $(seconds) s"
}

collect() {
  named pack $PY -m training pack --work "$WORK" --out "$OUT" --machine "$($PY -c 'import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else "a CPU")')"
  for s in base motion; do cp "$(ls -t "$WORK"/sheets/$s-[0-9]*.png 2>/dev/null | head -1)" "$OUT/$s.png" 2>/dev/null; done
  return 0
}

check() {
  START=$(date +%s)
  setup
  nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null
  rm -rf "$WORK"
  $PY -c 'import sys, torch, transformers, diffusers, peft, skia; print(sys.version.split()[0], torch.__version__, transformers.__version__, diffusers.__version__, peft.__version__, "skia", skia.__version__)' &
  named restore training restore --world "$WORLD"
  local n="${CHECK_CLIPS:-64}" k="${CHECK_STEPS:-12}"
  named sets training dataset --set base motion lora dreambooth motion-lora --clips "$n" --workers 1
  echo "--- restored and rendered at $(seconds) s"
  # Every one in a folder of its own, for they overwrite what others begin from.
  one() {
    local name=$1 log="$TMP/check-$1.log"; shift
    rm -rf "$TMP/check-$name"; cp -r "$WORK" "$TMP/check-$name"
    if timeout "${CHECK_LIMIT:-90}" $PY -m training "$@" --work "$TMP/check-$name" --device "$DEVICE" >"$log" 2>&1; then
      echo "ok     $name: $(grep -E 'samples_per_s|prompts in|judge:|compiled|batch' "$log" | tail -n 4 | sed 's/grad_norm.*lr/… lr/' | tr '\n' '|')"
    else
      echo "FAILED $name"; tail -n 25 "$log" | sed 's/^/    /'
    fi
  }
  few() { one "$1" "${@:2}" --clips "$n" --workers 1 --steps "$k" --log-every "$(((k + 1) / 2))" --minutes 2 --finish; }
  for s in base motion; do if [ "${CHECK_COMPILE:-1}" = 1 ]; then
    one "compile-$s" probe "$s" --compile --clips "$n" --workers 1 --batches "$([ $s = base ] && echo "$BASE_BATCH" || echo "$MOTION_BATCH")" &
  fi; done
  few base base --ways 0.5 --batch "$BASE_BATCH" &
  few foreign foreign --batch "$FOREIGN_BATCH" &
  few motion motion --batch "$MOTION_BATCH" &
  few joint motion --joint --batch "$MOTION_BATCH" &
  for s in neon pastel; do few "$s" lora --style "$s" --batch "$STYLE_BATCH" --no-sheet & done
  few robot dreambooth --subject robot --batch "$SUBJECT_BATCH" &
  few zoom motion-lora --camera zoom --batch "$CAMERA_BATCH" --no-sheet &
  few lcm lcm --batch "$LCM_BATCH" &
  few lcm-motion lcm-motion --batch "$LCM_MOTION_BATCH" &
  one judge evaluate --n 4 --steps 4 --judge-clips 256 --judge-steps 20 --workers 1 &
  wait
  echo "--- every stage at $(seconds) s"
  [ "${CHECK_PROBE:-1}" = 1 ] || return 0
  echo "now base and motion by themselves, while others render:"
  WORK="$TMP/check-base" named render training dataset --set base --clips "${CHECK_RENDER:-8000}" --workers "$((CORES > 4 ? CORES - 3 : 1))" &
  named probe training probe base --clips "$n" --workers 1 --batches "$((BASE_BATCH / 2))" "$BASE_BATCH" "$((BASE_BATCH * 2))"
  named probe training probe motion --clips "$n" --workers 1 --batches "$((MOTION_BATCH / 2))" "$MOTION_BATCH"
  wait
  WORK="$TMP/check-motion" OUT="$TMP/check-pack" collect
  echo "--- checked at $(seconds) s"
}

case "${1:-}" in
  wheels) wheels ;;
  check | train) mkdir -p "$OUT"; "$1" "${2:-390}" 2>&1 | tee -a "$OUT/log.txt" ;;
  *) sed -n 2,9p "${BASH_SOURCE[0]}" ;;
esac
