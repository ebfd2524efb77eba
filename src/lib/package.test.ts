/**
 * The package as `npm run build:lib` and `npm pack` make it, in an application of its own: the examples run, its types are those of the sources, a bundler
 * takes it for a page, and its command renders. The application borrows this checkout's dependencies, so that nothing is downloaded.
 */

import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodeGif } from "../media/gif/decode.ts";

const checkout = join(import.meta.dirname, "../..");
const modules = realpathSync(join(checkout, "node_modules"));
let app: string;
const installed = () => join(app, "node_modules/zoetrope");

beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), "zoetrope-package-"));
  run("npm", ["run", "build:lib"], checkout);
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", app], checkout)) as { filename: string }[];
  mkdirSync(installed(), { recursive: true });
  run("tar", ["-xzf", join(app, packed!.filename), "-C", installed(), "--strip-components=1"], app);
  for (const name of readdirSync(modules))
    if (name !== "zoetrope" && !name.startsWith(".")) symlinkSync(join(modules, name), join(app, "node_modules", name));
  cpSync(join(installed(), "examples"), app, { recursive: true });
  writeFileSync(join(app, "package.json"), '{ "type": "module" }');
}, 180_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

it("the examples run on Node", () => {
  run(process.execPath, ["render.mjs", "clip.gif"], app);
  const { frames } = decodeGif(new Uint8Array(readFileSync(join(app, "clip.gif"))), "clip.gif");
  expect(frames.map((rgba) => rgba.length)).toEqual(new Array(8).fill(64 * 64 * 4));
  const lora = "node_modules/zoetrope/public/models/mini/loras/neon.safetensors";
  expect(run(process.execPath, ["models.mjs", lora], app)).toMatch(/: lora, .* bytes\n$/);
  expect(run(process.execPath, ["formats.mjs", lora], app).split("\n").length).toBeGreaterThan(100);
  expect(run(process.execPath, ["samplers.mjs"], app)).toMatch(/9 0\.500\n$/);
});

it("its command renders", () => {
  const { bin } = JSON.parse(readFileSync(join(installed(), "package.json"), "utf8")) as { bin: { zoetrope: string } };
  const small = ["--width", "64", "--height", "64", "--frames", "2", "--steps", "1", "--no-cache", "--out", "command.gif"];
  run(process.execPath, [join(installed(), bin.zoetrope), "render", "--prompt", "a star", ...small], app);
  expect(readFileSync(join(app, "command.gif")).subarray(0, 3).toString()).toBe("GIF");
});

it("its types are strict, and the page's example keeps to them", () => {
  writeFileSync(
    join(app, "types.ts"),
    `import { defaultSettings, type ClipEvent } from "zoetrope";
// @ts-expect-error: a prompt is a text
export const prompt: number = defaultSettings().prompt;
// @ts-expect-error: an event's type is one of a few
export const other: ClipEvent["type"] = "other";
`,
  );
  const options = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2023",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
  ];
  run(process.execPath, [join(modules, "typescript/bin/tsc"), ...options, "--types", "node", "types.ts", "page.ts"], app);
});

it("a bundler takes it for a page, without what is for Node", () => {
  writeFileSync(join(app, "index.html"), '<!doctype html><body><script type="module" src="/page.ts"></script></body>');
  run(process.execPath, [join(modules, "vite/bin/vite.js"), "build", "--target", "es2023", "--minify", "false"], app);
  const scripts = readdirSync(join(app, "dist/assets")).filter((name) => /^index.*\.js$/.test(name));
  const script = readFileSync(join(app, "dist/assets", scripts[0]!), "utf8");
  expect(script).toContain("models/mini");
  expect(script).not.toMatch(/createNodeBackend|node:fs\/promises/);
});

/** @returns what it printed */
function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}
