/** The options of `zoetrope train` other than settings, which core/training/training-settings.ts describes. */

import type { Option } from "./options.ts";

export const trainOptions = {
  checkpoint: { takes: "FILE|DIFFUSERS_DIR", help: "The model that learns. Without it: Mini." },
  motion: { takes: "FILE|DIR", help: "The motion module that learns. Default: Mini's with Mini." },
  whole: { help: "DreamBooth trains the whole UNet and writes a checkpoint, instead of a LoRA." },
  pictures: { takes: "DIR", help: "A folder of pictures to learn from." },
  clips: {
    takes: "DIR",
    help: "A folder of clips to learn movement from, for tune-a-video of one clip: videos, GIFs, animated PNGs, folders of numbered pictures.",
  },
  captions: {
    takes: "name|txt|TEXT",
    help: "Captions from the files' names, from text files beside them, or one for all. Default: name.",
  },
  trigger: { takes: "WORD", help: "Word that will call what was learned; it is put before each caption that lacks it." },
  "class-prompt": {
    takes: "TEXT",
    help: 'The class of the subject, such as "a dog". The model draws pictures of it first, which keep the class as it was.',
  },
  "class-pictures": { takes: "DIR", help: "Folder that keeps the pictures of the class. Default: beside --out." },
  "class-count": { takes: "N", help: "Pictures of the class. Default: 50." },
  "sample-every": { takes: "N", help: "Renders a sample after every N steps, beside --out. Default: none." },
  "sample-prompt": { takes: "TEXT", help: "The samples' prompt. Default: the first caption." },
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
