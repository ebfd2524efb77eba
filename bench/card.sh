#!/usr/bin/env bash
# Everything that a graphics card is asked for in one call of under eight minutes, into one table:
#   OUT=folder bash bench/card.sh [--rehearse] [--only machine,adapter,page,node,unet,clip]
# It installs nothing. Each step has a time limit of its own and may fail; the table then says so. OUT gets each step's output, what
# chrome://gpu says, and table.md. `--rehearse` makes do with the software renderer and tiny clips, to try the script itself.
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
OUT=$(cd "$OUT" && pwd)
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
    *) ended="failed ($code): $(grep -m1 -iE "error|cannot|no " "$OUT/$name.errors.txt" "$OUT/$name.txt" -h | tr '|' ' ' | cut -c1-150)" ;;
  esac
  echo "| $name | $(($(date +%s) - from)) | $ended |" >> "$OUT/steps.md"
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

export -f machine
export OUT
step machine 10 bash -c machine
command -v nvidia-smi > /dev/null && { watch_memory & WATCH=$!; }

step adapter 100 $TSX bench/card/find-adapter.ts "$OUT" $REHEARSE
if [ -f "$OUT/way.json" ]; then
  step page $([ -n "$REHEARSE" ] && echo 225 || echo 70) $TSX bench/card/page-engine.ts "$OUT" $REHEARSE
fi
step node 45 $TSX bench/card/node-engine.ts
if [ -n "$REHEARSE" ]; then
  step unet 60 $TSX bench/unet-gpu.ts --clips 2x64 --rounds 1 --only ours-q8 --patience 50 --synthetic "${SYNTHETIC:-.cache/synthetic}"
  step clip 225 $TSX bench/page-gpu.ts --software --clips "" --mini 1x64x1
else
  [ -f .cache/synthetic/sd15.safetensors ] || step files 60 "$PYTHON" bench/make_synthetic.py all .cache/synthetic
  step unet 150 $TSX bench/unet-gpu.ts --clips 16x512 --rounds 3 --patience 90 --python "$PYTHON" --only "ours-q8|torch-fp16$" \
    --forms bias,geglu,qkv,rows,pieces,im2col,pieces+no-if,pieces+bias+geglu,exact
  if [ -f "$OUT/way.json" ]; then
    step clip 120 $TSX bench/page-gpu.ts --clips q8:16x512x4 --mini 16x128x4 --flags "$(flags)"
  else
    step clip 120 node src/cli/zoetrope.mjs render --backend webgpu --checkpoint .cache/synthetic/sd15.safetensors \
      --motion .cache/synthetic/motion_v3.safetensors --prompt "a red ball" --frames 16 --width 512 --height 512 --steps 4 --out "$OUT/clip.gif"
  fi
fi

[ -n "$WATCH" ] && kill "$WATCH" 2> /dev/null
[ -f "$OUT/memory.txt" ] && echo "| memory of the card at its peak, MiB | | $(sort -n "$OUT/memory.txt" | tail -1) |" >> "$OUT/steps.md"
{
  cat "$OUT/steps.md"
  for name in machine adapter page node unet clip; do
    [ -s "$OUT/$name.txt" ] && { echo -e "\n## $name\n"; cat "$OUT/$name.txt"; }
  done
} > "$OUT/table.md"
cat "$OUT/table.md"
exit 0
