/** The options of `zoetrope train`. */

import type { Option } from "./options.ts";

export const trainOptions = {
  checkpoint: { takes: "FILE|DIFFUSERS_DIR", help: "The model that learns. Without it: Mini." },
  motion: { takes: "FILE|DIR", help: "The motion module that learns. Default: Mini's with Mini." },
  norm: { takes: "original|diffusers", help: "Whose motion module arithmetic to follow. Default: original." },
  pictures: { takes: "DIR", help: "A folder of PNG files to learn from; the middle square of each is used." },
  captions: {
    takes: "name|txt|TEXT",
    help: "Captions from the files' names, from text files beside them, or one for all. Default: name.",
  },
  trigger: { takes: "WORD", help: "Word that will call what was learned; it is put before each caption that lacks it." },
  resolution: { takes: "N", help: "Side of the training pictures in pixels. Default: the model's own." },
  batch: { takes: "N", help: "Pictures in a step. Default: 4." },
  seed: { takes: "N", help: "Seed of all that chance decides. Default: 0." },
  targets: {
    takes: "attention|transformer|all",
    help: "Layers that a LoRA changes: the attentions, all linears of the transformers, or the convolutions, too. Default: attention.",
  },
  resume: { takes: "FILE.safetensors", help: "Goes on from the state that an interrupted training saved." },
  fixture: { takes: "FILE.safetensors", help: "Latents, noise, timesteps and text states of every step, for comparisons." },
  steps: { takes: "N", help: "Steps of the optimiser. Default: 300." },
  rank: { takes: "N", help: "Rank of a LoRA. Default: 8." },
  alpha: { takes: "X", help: "A LoRA's changes are multiplied by alpha / rank. Default: the rank." },
  lr: { takes: "X", help: "Learning rate. Default: 0.0001." },
  "lr-schedule": { takes: "constant|cosine", help: "Keep the learning rate, or let it fall to 0. Default: constant." },
  "lr-warmup": { takes: "N", help: "Steps in which the learning rate rises from 0. Default: 0." },
  betas: { takes: "B1,B2", help: "AdamW's decay of its running means. Default: 0.9,0.999." },
  eps: { takes: "X", help: "AdamW's smallest divisor. Default: 1e-8." },
  "weight-decay": { takes: "X", help: "AdamW's weight decay. Default: 0.01." },
  "max-grad-norm": { takes: "X", help: "Longer gradients are shortened to this. Default: 1." },
  "prior-weight": { takes: "X", help: "Weight of the class's half of each batch. Default: no such half." },
  prediction: { takes: "epsilon|v", help: "What the model predicts. Default: what its file says, else epsilon." },
  schedule: { takes: "linear|scaled_linear|sqrt_linear", help: "Noise schedule. Default: the model's own." },
  precision: { takes: "fp32", help: "Training computes in fp32." },
  threads: { takes: "N", help: "Threads of the processor. Default: 0, as many as it has." },
  out: { takes: "FILE.safetensors", help: "Writes what was learned." },
  dump: { takes: "DUMP.safetensors", help: "Keeps the tensors that parity is measured on." },
  json: { help: "Prints one line of JSON for each step on stderr, and a report as JSON at the end." },
} as const satisfies Readonly<Record<string, Option>>;

export type TrainOptionName = keyof typeof trainOptions;
