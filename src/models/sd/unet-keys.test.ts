import { expect, test } from "vitest";
import { below, openTensors } from "../tensors.ts";
import { hollow, listed } from "../testing/listings.ts";
import { canonicalText } from "./text-keys.ts";
import { canonicalUnet } from "./unet-keys.ts";
import { canonicalVae } from "./vae-keys.ts";

const named = async (file: string, prefix: string) => below((await openTensors(hollow(file))).table, prefix);
const shapes = (file: string) => new Map(listed(file).map(({ name, shape }) => [name, shape.join("x")]));

test("the LDM UNet gets exactly the names and shapes that the diffusers folder has", async () => {
  const canonical = canonicalUnet(await named("tiny-sd15", "model.diffusion_model."));
  const found = new Map([...canonical].map(([key, { info }]) => [key, info.shape.join("x")]));
  expect(found).toEqual(shapes("tiny-unet"));
});

test("the LDM VAE gets the names of the diffusers folder; its mid attention stays [C, C, 1, 1] until it is loaded", async () => {
  const canonical = canonicalVae(await named("tiny-sd15", "first_stage_model."));
  const found = new Map([...canonical].map(([key, { info }]) => [key, info.shape.join("x")]));
  const expected = shapes("tiny-vae-diffusers");
  for (const [key, shape] of expected) if (/attentions.*to_.*weight/.test(key)) expected.set(key, `${shape}x1x1`);
  expect(found).toEqual(expected);
});

test("the text encoder has the names of the diffusers folder, with or without text_model.", async () => {
  const single = canonicalText(await named("tiny-sd15", "cond_stage_model.transformer."));
  const expected = listed("tiny-text").map(({ name }) => name);
  expect([...single.keys()].filter((key) => !key.endsWith("position_ids")).sort()).toEqual([...expected].sort());
  const bare = new Map([...single].map(([key, ref]) => [key.replace(/^text_model\./, ""), ref]));
  expect([...canonicalText(bare).keys()]).toEqual([...single.keys()]);
});

test("LDM's running block numbers land where the paper's arithmetic puts them", async () => {
  const canonical = canonicalUnet(await named("sd15", "model.diffusion_model."));
  const stored = (key: string) => canonical.get(key)!.info.name.replace("model.diffusion_model.", "");
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 2; j++) {
      expect(stored(`down_blocks.${i}.resnets.${j}.conv2.weight`)).toBe(`input_blocks.${1 + 3 * i + j}.0.out_layers.3.weight`);
      if (i < 3)
        expect(stored(`down_blocks.${i}.attentions.${j}.proj_in.bias`)).toBe(`input_blocks.${1 + 3 * i + j}.1.proj_in.bias`);
    }
    if (i < 3) expect(stored(`down_blocks.${i}.downsamplers.0.conv.weight`)).toBe(`input_blocks.${3 + 3 * i}.0.op.weight`);
    for (let j = 0; j < 3; j++) {
      expect(stored(`up_blocks.${i}.resnets.${j}.norm1.weight`)).toBe(`output_blocks.${3 * i + j}.0.in_layers.0.weight`);
      if (i > 0) expect(stored(`up_blocks.${i}.attentions.${j}.norm.weight`)).toBe(`output_blocks.${3 * i + j}.1.norm.weight`);
    }
    if (i < 3)
      expect(stored(`up_blocks.${i}.upsamplers.0.conv.bias`)).toBe(`output_blocks.${3 * i + 2}.${i === 0 ? 1 : 2}.conv.bias`);
  }
  expect(stored("mid_block.resnets.1.time_emb_proj.weight")).toBe("middle_block.2.emb_layers.1.weight");
  expect(stored("mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0.weight")).toBe(
    "middle_block.1.transformer_blocks.0.attn2.to_out.0.weight",
  );
  expect(stored("time_embedding.linear_2.bias")).toBe("time_embed.2.bias");
});

test("the decoder's levels are counted from the other end", async () => {
  const canonical = canonicalVae(await named("sd15", "first_stage_model."));
  const stored = (key: string) => canonical.get(key)!.info.name.replace("first_stage_model.", "");
  expect(stored("decoder.up_blocks.0.resnets.2.conv1.weight")).toBe("decoder.up.3.block.2.conv1.weight");
  expect(stored("decoder.up_blocks.2.upsamplers.0.conv.weight")).toBe("decoder.up.1.upsample.conv.weight");
  expect(stored("encoder.down_blocks.2.downsamplers.0.conv.weight")).toBe("encoder.down.2.downsample.conv.weight");
  expect(stored("decoder.mid_block.resnets.1.norm2.bias")).toBe("decoder.mid.block_2.norm2.bias");
  expect(stored("encoder.mid_block.attentions.0.to_out.0.weight")).toBe("encoder.mid.attn_1.proj_out.weight");
});
