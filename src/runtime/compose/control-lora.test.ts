/** A Control-LoRA's weights are the checkpoint's plus its factors' product, and what it stores whole stays as it is. */

import { expect, it } from "vitest";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadControlNet } from "../../models/control/load.ts";
import { identify } from "../../models/identify.ts";
import { openTensors } from "../../models/tensors.ts";
import { scattered, type TinyTensor, tinyFile } from "../../models/testing/tiny-files.ts";
import { type ControlPart, controlNetPart } from "../engine/part.ts";
import { kitModel } from "../testing/parity-kit.ts";
import { composeModels } from "./compose.ts";

const RANK = 2;
const WHOLE = /^(zero_convs|input_hint_block|middle_block_out)\./;

/** The kit's ControlNet with factors in place of its matrices and kernels, named as Stability AI's files are. */
async function controlLora() {
  const { table } = await openTensors(kitModel("controlnet.safetensors"));
  const tensors: TinyTensor[] = [["lora_controlnet", []]];
  for (const [name, { info }] of table) {
    const own = name.replace("control_model.", "");
    const [out, ...rest] = info.shape as [number, ...number[]];
    const path = own.replace(/\.weight$/, "");
    if (rest.length === 0 || WHOLE.test(own)) tensors.push([own, info.shape]);
    else tensors.push([`${path}.up`, [out, RANK, ...rest.slice(1).map(() => 1)]], [`${path}.down`, [RANK, ...rest]]);
  }
  return [tinyFile("control-lora.safetensors", tensors)];
}

it("reads as the UNet's weights plus the product, also of convolutions", async () => {
  const files = await controlLora();
  expect((await identify(files)).kind).toBe("controlnet");
  const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
  const control = controlNetPart("control", await loadControlNet(files));
  const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
  const { models } = composeModels({ checkpoint, motion: null, vae: null, loras: [], controls: [control], preview: null, keys });
  const { weights } = models.controls[0] as ControlPart;
  for (const [key, path] of [
    ["down_blocks.0.resnets.0.conv1.weight", "input_blocks.1.0.in_layers.2"],
    ["down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight", "input_blocks.1.1.transformer_blocks.0.attn2.to_k"],
  ] as const) {
    const shape = weights.shape(key);
    const [out, ...rest] = shape as [number, ...number[]];
    const width = rest.reduce((a, b) => a * b, 1);
    const [up, down] = [scattered(`${path}.up`, [out, RANK]), scattered(`${path}.down`, [RANK, width])];
    const own = await checkpoint.unet.weights.read(key);
    const read = await weights.read(key);
    for (const at of [0, width + 1, out * width - 1]) {
      const [o, i] = [Math.floor(at / width), at % width];
      expect(read[at]).toBeCloseTo(own[at]! + up[o * RANK]! * down[i]! + up[o * RANK + 1]! * down[width + i]!, 5);
    }
  }
  const bias = await weights.read("down_blocks.0.resnets.0.conv1.bias");
  expect(bias).toEqual(scattered("input_blocks.1.0.in_layers.2.bias", [bias.length]));
  expect(await weights.read("controlnet_mid_block.weight")).toEqual(scattered("middle_block_out.0.weight", [64 * 64]));
});
