// Builds the library of the package: the modules that src/lib/ reaches, as JavaScript with types, into dist-lib/.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = import.meta.dirname;
const out = process.argv[2] ?? join(folder, "dist-lib");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
rmSync(out, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [tsc, "-p", join(folder, "tsconfig.lib.json"), "--outDir", out], {
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
// Not TypeScript, so the compiler leaves them where they are.
for (const file of ["formats/onnx/onnx_pb.js", "formats/onnx/onnx_pb.d.ts", "runtime/node/encode-worker.mjs"])
  cpSync(join(folder, "src", file), join(out, file));
