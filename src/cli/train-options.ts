/** The options of `zoetrope train` other than settings, which core/training/training-settings.ts describes. */

import type { Option } from "./options.ts";

export const trainOptions = {
  checkpoint: { takes: "FILE|DIFFUSERS_DIR", help: "The model that learns. Without it: Mini." },
  motion: { takes: "FILE|DIR", help: "The motion module that learns. Default: Mini's with Mini." },
  pictures: { takes: "DIR", help: "A folder of PNG files to learn from; the middle square of each is used." },
  captions: {
    takes: "name|txt|TEXT",
    help: "Captions from the files' names, from text files beside them, or one for all. Default: name.",
  },
  trigger: { takes: "WORD", help: "Word that will call what was learned; it is put before each caption that lacks it." },
  resume: { takes: "FILE.safetensors", help: "Goes on from the state that an interrupted training saved." },
  fixture: { takes: "FILE.safetensors", help: "Latents, noise, timesteps and text states of every step, for comparisons." },
  precision: { takes: "fp32", help: "Training computes in fp32." },
  threads: { takes: "N", help: "Threads of the processor. Default: 0, as many as it has." },
  memory: {
    takes: "GB",
    help: "Memory that a step may take; with little, values are computed twice. Default: what is available.",
  },
  out: { takes: "FILE.safetensors", help: "Writes what was learned." },
  dump: { takes: "DUMP.safetensors", help: "Keeps the tensors that parity is measured on." },
  json: { help: "Prints one line of JSON for each step on stderr, and a report as JSON at the end." },
} as const satisfies Readonly<Record<string, Option>>;

export type TrainOptionName = keyof typeof trainOptions;
