/**
 * 10,000 odd requests to `zoetrope serve`: none may get in without the token, read a file, or take the server down.
 *
 *     npx tsx bench/gateway-fuzz.ts [REQUESTS]
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { fuzzGateway } from "../src/farm/testing/gateway-fuzz.ts";

const TOKEN = "a-token-for-ten-thousand";
const results = mkdtempSync(join(tmpdir(), "zoetrope-fuzz-"));
const cli = fileURLToPath(new URL("../src/cli/zoetrope.mjs", import.meta.url));
const args = ["serve", "--port", "0", "--token", TOKEN, "--results", results, "--no-cache", "--rate", "1000000000"];
const server: ChildProcess = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "inherit"] });
const [address] = await new Promise<string[]>((resolve) =>
  createInterface({ input: server.stdout! }).once("line", (line) => resolve([line])),
);
const { hostname: host, port } = new URL(address!);
const secrets = ["root:x:0", '"name": "zoetrope"', "[core]"];
const report = await fuzzGateway({ host, port: Number(port), valid: TOKEN, secrets }, Number(process.argv[2] ?? 10_000));
const alive = server.exitCode === null && (await fetch(address!)).status < 500;
console.log(report, { alive });
server.kill();
const { gotIn, readPath, faults } = report;
process.exitCode = alive && [gotIn, readPath, faults].every((list) => list.length === 0) ? 0 : 1;
