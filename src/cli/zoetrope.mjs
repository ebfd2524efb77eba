#!/usr/bin/env node
// Entry of the command line: runs the TypeScript sources as they are, so that a checkout needs no build step.
import { register } from "tsx/esm/api";

register();
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2));
