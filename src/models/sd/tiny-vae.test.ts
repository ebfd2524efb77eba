import { expect, test } from "vitest";
import { loadVae } from "../checkpoint.ts";
import { identify } from "../identify.ts";
import { type TinyTensor, tinyFile } from "../testing/tiny-files.ts";
import { tinyVaeTensors } from "../testing/tiny-vae.ts";

const both = tinyVaeTensors(4);
const decoder = both.filter(([name]) => name.startsWith("decoder."));
/** As the author's files have it: the decoder's clamp is a layer. */
const authors = decoder.map(([name, shape]): TinyTensor => {
  const [, number, rest] = /^decoder\.layers\.(\d+)\.(.+)$/.exec(name)!;
  return [`${Number(number) + 1}.${rest}`, shape];
});
const load = (tensors: readonly TinyTensor[], name = "taesd.safetensors") => loadVae([tinyFile(name, tensors)]);

test.each([
  ["diffusers' file with both halves", both, true],
  ["diffusers' decoder alone", decoder, false],
  ["the author's decoder", authors, false],
  [
    "the author's decoder under a prefix",
    authors.map(([name, ...rest]): TinyTensor => [`taesd_decoder.${name}`, ...rest]),
    false,
  ],
])("%s is a tiny VAE", async (_, tensors, encodes) => {
  const { config, weights } = await load(tensors);
  expect(config).toEqual({ kind: "tiny", latentChannels: 4, blockOutChannels: [4, 4, 4, 4], encodes, scalingFactor: 1 });
  expect([...weights.keys()].sort()).toEqual((encodes ? both : decoder).map(([name]) => name).sort());
});

test("the shelf says what it is", async () => {
  expect(await identify([tinyFile("taesd_decoder.safetensors", authors)])).toMatchObject({
    kind: "vae",
    summary: "Tiny VAE (TAESD): fast, slightly softer",
  });
});

const encoder = both.filter(([name]) => name.startsWith("encoder."));
test.each([
  ["an encoder alone", encoder, "vae/encoder-alone"],
  [
    "the author's encoder",
    encoder.map(([name, shape]): TinyTensor => [name.slice("encoder.layers.".length), shape]),
    "vae/encoder-alone",
  ],
  [
    "TAESD3",
    decoder.map(([name, shape]): TinyTensor => [name, name.includes("layers.0.") && shape.length > 1 ? [4, 16, 3, 3] : shape]),
    "vae/other-family",
  ],
  ["a file without its last layer", decoder.filter(([name]) => !name.includes("layers.18.")), "weights/missing"],
  ["a file with a layer more", [...decoder, ["decoder.layers.19.weight", [3, 3, 3, 3]] as TinyTensor], "model/unknown-layer"],
])("%s is refused", async (_, tensors, code) => {
  await expect(load(tensors)).rejects.toThrowError(expect.objectContaining({ code }));
});
