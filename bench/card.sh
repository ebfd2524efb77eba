#!/usr/bin/env bash
# Everything that a graphics card is asked for in one call of under eight minutes, into one table:
#   OUT=folder bash bench/card.sh [--rehearse] [--only machine,adapter,page,node,files,unet,clip]
# It downloads nothing. Each step has a time limit of its own and may fail; the table then says so. OUT gets table.md and logs.tar.gz with
# each step's output and what chrome://gpu says. `--rehearse` makes do with the software renderer and tiny clips, to try the script itself.
# Where Node, the packages or the Vulkan loader are missing, it unpacks those of bench/card/pack.sh (CARRY names their folder).
# Synthetic files of SD 1.5's size are written to .cache/synthetic if they are not there (numpy). PYTHON names a Python with
# PyTorch and diffusers for the comparison.

cd "$(dirname "$0")/.." || exit 1
OUT=${OUT:-.cache/card}
PYTHON=${PYTHON:-python3}
REHEARSE=""
ONLY="machine,adapter,page,node,files,unet,clip"
while [ $# -gt 0 ]; do
  case $1 in
    --rehearse) REHEARSE=--rehearse ;;
    --only) ONLY=$2; shift ;;
    *) echo "unknown option $1"; exit 2 ;;
  esac
  shift
done
mkdir -p "$OUT"
TABLE=$(cd "$OUT" && pwd)
# The steps write here.
OUT=$(mktemp -d)
CARRY=${CARRY:-.cache/carry}
SYNTHETIC=${SYNTHETIC:-.cache/synthetic}
BEGAN=$(date +%s)
LIMIT=470
TSX="node --import tsx"
echo -e "# One card, one run\n\n| step | seconds | ended |\n|---|---|---|" > "$OUT/steps.md"

# step NAME SECONDS COMMAND...: runs the command for at most so long, or for the rest of the eight minutes, and notes how it ended.
step() {
  local name=$1 most=$2 from left code
  shift 2
  case ",$ONLY," in *",$name,"*) ;; *) return 0 ;; esac
  from=$(date +%s)
  left=$((LIMIT - (from - BEGAN)))
  if [ "$left" -lt 5 ]; then
    echo "| $name | 0 | left out: no time |" >> "$OUT/steps.md"
    return 0
  fi
  [ "$most" -gt "$left" ] && most=$left
  timeout -k 5 "$most" "$@" > "$OUT/$name.txt" 2> "$OUT/$name.errors.txt"
  code=$?
  case $code in
    0) ended=well ;;
    124 | 137) ended="out of time" ;;
    *) ended="failed ($code): $(cat "$OUT/$name.errors.txt" "$OUT/$name.txt" | grep -m1 -iE "error|cannot|no " | tr '|' ' ' | cut -c1-150)" ;;
  esac
  echo "| $name | $(($(date +%s) - from)) | $ended |" >> "$OUT/steps.md"
  return 0
}

# Unpacks what the machine lacks.
unpack() {
  if ! command -v node > /dev/null && [ -f "$CARRY/node.tar.xz" ]; then
    mkdir -p "$OUT/node" && tar -C "$OUT/node" -xJf "$CARRY/node.tar.xz"
    PATH="$(cd "$OUT/node" && pwd):$PATH"
  fi
  [ ! -e node_modules ] && [ -f "$CARRY/modules.tar.xz" ] && tar -xJf "$CARRY/modules.tar.xz"
  if ! ldconfig -p 2> /dev/null | grep -q libvulkan.so.1 && ls "$CARRY"/libvulkan1*.deb > /dev/null 2>&1; then
    dpkg -x "$CARRY"/libvulkan1*.deb "$OUT/vulkan"
    export LD_LIBRARY_PATH="$OUT/vulkan/usr/lib/x86_64-linux-gnu:$LD_LIBRARY_PATH"
  fi
  # Containers have the driver's manifest where the loader does not look.
  local manifest=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
  [ -z "$VK_DRIVER_FILES" ] && [ -f "$manifest" ] && export VK_DRIVER_FILES=$manifest
  return 0
}

machine() {
  echo "| | |"; echo "|---|---|"
  echo "| card | $(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2> /dev/null || echo "nvidia-smi knows none") |"
  echo "| Vulkan drivers | $(ls /usr/share/vulkan/icd.d /etc/vulkan/icd.d 2> /dev/null | grep json | tr '\n' ' ') |"
  echo "| libvulkan | $(ldconfig -p 2> /dev/null | grep -o 'libvulkan.so.1 .*' | head -1) |"
  echo "| device files | $(ls /dev/nvidia* /dev/dri 2> /dev/null | tr '\n' ' ') |"
  echo "| Chromium | $( (chromium --version || google-chrome --version) 2> /dev/null | head -1) |"
  echo "| Node, processor cores | $(node --version), $(nproc) |"
}

# The card's memory while the script runs, in MiB.
watch_memory() {
  while sleep 0.5; do nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits 2> /dev/null >> "$OUT/memory.txt" || return; done
}

flags() {
  node -e 'const { flags } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")); console.log(flags.join(" "));' "$OUT/way.json" 2> /dev/null
}

unpack
export -f machine
export OUT
step machine 10 bash -c machine
command -v nvidia-smi > /dev/null && { watch_memory & WATCH=$!; }

step adapter 100 $TSX bench/card/find-adapter.ts "$OUT" $REHEARSE
if [ -f "$OUT/way.json" ]; then
  step page $([ -n "$REHEARSE" ] && echo 225 || echo 70) $TSX bench/card/page-engine.ts "$OUT" $REHEARSE
fi
step node $([ -n "$REHEARSE" ] && echo 120 || echo 45) $TSX bench/card/node-engine.ts $REHEARSE
if [ -n "$REHEARSE" ]; then
  SYNTHETIC="$OUT/synthetic"
  step files 60 "$PYTHON" bench/make_synthetic.py all "$SYNTHETIC" --preset tiny
  step unet 90 $TSX bench/unet-gpu.ts --clips 2x64 --rounds 1 --patience 60 --python "$PYTHON" --device cpu --synthetic "$SYNTHETIC" \
    --only "ours-q8|torch-fp16 " --forms bias,qkv,exact
  if [ -f "$OUT/way.json" ]; then
    step clip 225 $TSX bench/page-gpu.ts --software --clips "" --mini 1x64x1
  else
    step clip 60 node src/cli/zoetrope.mjs render --checkpoint "$SYNTHETIC/sd15.safetensors" --motion "$SYNTHETIC/motion_v3.safetensors" \
      --prompt "a red ball" --frames 2 --width 64 --height 64 --steps 1 --no-cache --out "$OUT/clip.gif"
  fi
else
  [ -f "$SYNTHETIC/sd15.safetensors" ] || step files 60 "$PYTHON" bench/make_synthetic.py all "$SYNTHETIC"
  step unet 150 $TSX bench/unet-gpu.ts --clips 16x512 --rounds 3 --patience 90 --python "$PYTHON" --synthetic "$SYNTHETIC" \
    --only "ours-q8|torch-fp16 " --forms bias,geglu,qkv,rows,pieces,im2col,pieces+no-if,pieces+bias+geglu,exact
  if [ -f "$OUT/way.json" ]; then
    step clip 120 $TSX bench/page-gpu.ts --folder "$SYNTHETIC" --clips q8:16x512x4 --mini 16x128x4 --flags "$(flags)"
  else
    step clip 120 node src/cli/zoetrope.mjs render --backend webgpu --checkpoint "$SYNTHETIC/sd15.safetensors" \
      --motion "$SYNTHETIC/motion_v3.safetensors" --prompt "a red ball" --frames 16 --width 512 --height 512 --steps 4 --out "$OUT/clip.gif"
  fi
fi

[ -n "$WATCH" ] && kill "$WATCH" 2> /dev/null
[ -f "$OUT/memory.txt" ] && echo "| memory of the card at its peak, MiB | | $(sort -n "$OUT/memory.txt" | tail -1) |" >> "$OUT/steps.md"
{
  cat "$OUT/steps.md"
  for name in machine adapter page node files unet clip; do
    [ -s "$OUT/$name.txt" ] && { echo -e "\n## $name\n"; cat "$OUT/$name.txt"; }
  done
} > "$TABLE/table.md"
tar -C "$OUT" -czf "$TABLE/logs.tar.gz" --exclude=./vulkan --exclude=./node --exclude=./synthetic .
[ -f "$OUT/clip.gif" ] && cp "$OUT/clip.gif" "$TABLE/"
cat "$TABLE/table.md"
rm -rf "$OUT"
exit 0
