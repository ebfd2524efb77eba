/** The text of `zoetrope --help`, and of `zoetrope COMMAND --help`. */

import { settingsSchema } from "../core/settings/schema.ts";
import type { Schema } from "../core/settings/setting.ts";
import { trainingSchema } from "../core/training/training-settings.ts";
import { batchOptions } from "./batch-options.ts";
import { cacheCommandOptions } from "./cache.ts";
import { cancelOptions, workOptions } from "./farm-options.ts";
import { modelOptions, type Option, pictureOptions, runOptions } from "./options.ts";
import { serveOptions } from "./serve-options.ts";
import { help, isRepeated, takes } from "./setting-options.ts";
import { trainOptions } from "./train-options.ts";

const COLUMNS = 100;
const INDENT = 6;

const WINDOWS =
  "Clips longer than the motion module knows (or than --context-length) are made of overlapping windows, by default of 16 frames.";
const BATCH =
  "A batch takes every option of zoetrope render, too, for the jobs that do not say otherwise; docs/farm.md has the keys of a job.";
const EXIT_CODES =
  "Exit codes: 0 done, 1 some clips of a batch or farm failed or are not made yet, 2 bad arguments or file, 130 cancelled (a batch goes on with the same command).";
const FARM =
  "submit, watch and cancel take --queue; fetch takes --results and --out. Jobs are named by their ids, or by the list and the options of a batch that they were submitted with. With --results, submit sends files that no worker has.";

/** What `zoetrope COMMAND --help` prints of each command; `zoetrope --help` prints all of it. */
const COMMANDS: Readonly<Record<string, (schema: Schema) => readonly string[]>> = {
  render: (schema) => [
    "zoetrope render --prompt TEXT --out OUT.gif|OUT_DIR/ [--OPTION VALUE]...",
    section("Models", optionLines(modelOptions)),
    section("Settings", settingLines(schema)),
    section("Pictures", optionLines(pictureOptions)),
    section("Running", optionLines(runOptions)),
    paragraph(WINDOWS),
  ],
  batch: () => [
    section("zoetrope batch JOBS.jsonl|--grid KEY=a,b,c ... [--OPTION VALUE]...", optionLines(batchOptions)),
    paragraph(BATCH),
  ],
  farm: () => [
    section("zoetrope farm work --queue redis://HOST:PORT --results DIR [--OPTION VALUE]...", optionLines(workOptions)),
    section("zoetrope farm submit|watch|cancel|fetch ID...|JOBS.jsonl [--OPTION VALUE]...", [
      ...wrapped(FARM).map((line) => `  ${line}`),
      ...optionLines({ all: cancelOptions.all }),
    ]),
  ],
  serve: () => [section("zoetrope serve --results DIR [--OPTION VALUE]...", optionLines(serveOptions))],
  train: () => [
    section("zoetrope train lora|motion-lora|motion|dreambooth|tune-a-video --out FILE.safetensors [--OPTION VALUE]...", [
      ...optionLines(trainOptions),
      ...settingLines(trainingSchema),
    ]),
  ],
  cache: () => [section("zoetrope cache [list|size|clear|prune] [--OPTION VALUE]...", optionLines(cacheCommandOptions))],
};

/** @param command one of them; any other: all of them */
export function usage(command?: string, schema: Schema = settingsSchema): string {
  const one = command === undefined || !Object.hasOwn(COMMANDS, command) ? null : COMMANDS[command]!;
  const shown = one === null ? Object.values(COMMANDS) : [one];
  return [...shown.flatMap((lines) => lines(schema)), paragraph(EXIT_CODES)].join("\n\n");
}

function paragraph(words: string): string {
  return wrapped(words, COLUMNS).join("\n");
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines].join("\n");
}

function optionLines(options: Readonly<Record<string, Option>>): string[] {
  return Object.entries(options).flatMap(([name, { takes, many, help }]) => described(name, takes ?? null, many === true, help));
}

function settingLines(schema: Schema): string[] {
  return Object.values(schema).flatMap((setting) => described(setting.flag, takes(setting), isRepeated(setting), help(setting)));
}

function described(name: string, value: string | null, many: boolean, words: string): string[] {
  const option = `  --${name}${value === null ? "" : ` ${value}`}${many ? " (may be repeated)" : ""}`;
  return [option, ...wrapped(words).map((line) => `${" ".repeat(INDENT)}${line}`)];
}

/** Lines of at most `columns` characters. */
function wrapped(words: string, columns = COLUMNS - INDENT): string[] {
  const lines = [""];
  for (const word of words.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
