#!/usr/bin/env bash
# Packs what bench/card.sh needs on a machine that has nothing but Linux on x64, without a network:
#   bash bench/card/pack.sh [folder, .cache/carry]
# The folder gets Node, the packages that run there, and the Vulkan loader, about 40 MB. Take it along with the checkout's src, bench, e2e,
# public/tokenizer, package.json and tsconfig.json; card.sh unpacks whichever of it is missing there.

set -euo pipefail
cd "$(dirname "$0")/../.."
FOLDER=${1:-.cache/carry}
mkdir -p "$FOLDER"
NODE=$(readlink -f "$(command -v node)")
tar -C "$(dirname "$NODE")" -cJf "$FOLDER/node.tar.xz" "$(basename "$NODE")"

# Packages with all that they depend on; of onnxruntime-node only this system's library.
node - > "$FOLDER/modules.txt" <<'JS'
const { existsSync, readFileSync } = require("fs");
const wanted = Object.keys(JSON.parse(readFileSync("package.json", "utf8")).dependencies);
const left = [...wanted.filter((name) => !["react", "react-dom", "onnxruntime-web", "bullmq", "ioredis"].includes(name))];
const found = new Set();
while (left.length > 0) {
  const name = left.pop();
  const file = `node_modules/${name}/package.json`;
  if (found.has(name) || !existsSync(file)) continue;
  found.add(name);
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(file, "utf8"));
  left.push(...Object.keys({ ...dependencies, ...optionalDependencies }));
}
for (const name of found) console.log(`node_modules/${name}`);
JS
tar -cJhf "$FOLDER/modules.tar.xz" --exclude="*.map" --exclude="*/darwin" --exclude="*/win32" --exclude="*/linux/arm64" -T "$FOLDER/modules.txt"
rm "$FOLDER/modules.txt"
(cd "$FOLDER" && apt-get download libvulkan1 > /dev/null 2>&1) || echo "Without the Vulkan loader: apt-get could not download libvulkan1."
du -h "$FOLDER"/*
