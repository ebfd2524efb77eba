import { expect, it } from "vitest";
import { expectClose } from "../testing/close.ts";
import { AdamW } from "./adamw.ts";
import { captionOfName, withTrigger } from "./captions.ts";
import { clipped, totalNorm } from "./clip-gradients.ts";
import { noised, sampleWeights } from "./diffusion-loss.ts";
import { drawBatch } from "./draws.ts";
import { fitPicture } from "./fit-picture.ts";
import { learningRate } from "./learning-rate.ts";

// torch.optim.AdamW([p], lr=0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.5), gradients [1, -2] and [0.5, 4].
it("two steps of AdamW are torch's", () => {
  const parameters = new Map([["p", { shape: [2], data: Float32Array.of(1, -1) }]]);
  const optimiser = new AdamW({ betas: [0.8, 0.9], eps: 1e-3, weightDecay: 0.5 });
  optimiser.step(parameters, new Map([["p", Float32Array.of(1, -2)]]), 0.1);
  expectClose(parameters.get("p")!.data, [0.85009992, -0.85004997], { maxAbs: 1e-6 });
  optimiser.step(parameters, new Map([["p", Float32Array.of(0.5, 4)]]), 0.1);
  expectClose(parameters.get("p")!.data, [0.71488184, -0.84904784], { maxAbs: 1e-6 });
});

it("an optimiser that goes on from another's state makes the same step", () => {
  const settings = { betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0.01 } as const;
  const start = () => new Map([["p", { shape: [2], data: Float32Array.of(1, -1) }]]);
  const gradients = new Map([["p", Float32Array.of(0.3, -0.2)]]);
  const through = start();
  const whole = new AdamW(settings);
  whole.step(through, gradients, 0.1);
  const resumed = new Map([["p", { shape: [2], data: Float32Array.from(through.get("p")!.data) }]]);
  const moments = new Map(
    [...whole.moments].map(([name, { first, second }]) => [name, { first: first.slice(), second: second.slice() }]),
  );
  whole.step(through, gradients, 0.1);
  new AdamW(settings, { steps: 1, moments }).step(resumed, gradients, 0.1);
  expect(resumed.get("p")!.data).toEqual(through.get("p")!.data);
});

it("clipping shortens all gradients together, and leaves short ones alone", () => {
  const gradients = new Map([
    ["a", Float32Array.of(3, 0)],
    ["b", Float32Array.of(0, 4)],
  ]);
  expect(totalNorm(gradients)).toBe(5);
  expectClose(clipped(gradients, 5, 1).get("b")!, [0, 0.8], { maxAbs: 1e-6 });
  expect(clipped(gradients, 5, 6)).toBe(gradients);
});

it("a learning rate warms up, then stays or falls along half a cosine", () => {
  const settings = { peak: 1, shape: "cosine", warmupSteps: 2 } as const;
  const rates = [0, 1, 2, 3, 4, 5].map((step) => learningRate(settings, step, 6));
  expectClose(rates, [0, 0.5, 1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2], { maxAbs: 1e-12 });
  expect(learningRate({ ...settings, shape: "constant" }, 5, 6)).toBe(1);
});

it("noised samples and their targets follow each sample's own timestep", () => {
  const alphaBar = Float32Array.of(0.64, 0.36);
  const at = (prediction: "epsilon" | "v_prediction") =>
    noised(Float32Array.of(1, 2), Float32Array.of(-1, 0.5), [0, 1], alphaBar, prediction);
  expectClose(at("epsilon").noisy, [0.8 - 0.6, 1.2 + 0.4], { maxAbs: 1e-6 });
  expectClose(at("epsilon").target, [-1, 0.5], { maxAbs: 0 });
  expectClose(at("v_prediction").target, [-0.8 - 0.6, 0.3 - 1.6], { maxAbs: 1e-6 });
});

const weighting = { prediction: "epsilon", alphaBar: Float32Array.of(0.5, 0.9), priorWeight: null, minSnr: 0 } as const;

it("prior preservation adds the class's mean loss to the subject's", () => {
  expect([...sampleWeights([0, 0, 0, 0], weighting)]).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect([...sampleWeights([0, 0, 0, 0], { ...weighting, priorWeight: 0.5 })]).toEqual([0.5, 0.5, 0.25, 0.25]);
});

// SNR is 1 at the first timestep and 9 at the second.
it("min-SNR lowers the weight of timesteps with little noise", () => {
  expectClose(sampleWeights([0, 1], { ...weighting, minSnr: 5 }), [0.5, 0.5 * (5 / 9)], { maxAbs: 1e-6 });
  const v = { ...weighting, prediction: "v_prediction", minSnr: 5 } as const;
  expectClose(sampleWeights([0, 1], v), [0.5 * (1 / 2), 0.5 * (5 / 10)], { maxAbs: 1e-6 });
});

const drawing = { seed: 3, batch: 4, frames: 1, channels: 2, places: 4, noiseOffset: 0, captionDropout: 0 };

it("every sample comes once before any comes again, and the same batch draws the same", () => {
  const batches = [0, 1, 2].map((number) => drawBatch(number, 6, drawing));
  const order = batches.flatMap(({ samples }) => samples);
  expect(order.slice(0, 6).toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(order.slice(6).toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(drawBatch(1, 6, drawing)).toEqual(batches[1]);
  expect(drawBatch(1, 6, { ...drawing, seed: 4 }).noise).not.toEqual(batches[1]!.noise);
});

it("a noise offset shifts each channel of a sample as a whole, alike in every frame", () => {
  const clip = { ...drawing, batch: 2, frames: 3 };
  const shift = (values: Float32Array, plain: Float32Array) => values.map((x, i) => (x - plain[i]!) / 0.1);
  const found = shift(drawBatch(0, 6, { ...clip, noiseOffset: 0.1 }).noise, drawBatch(0, 6, clip).noise);
  const planes = Array.from({ length: 12 }, (_, i) => found.slice(4 * i, 4 * i + 4)); // [B, F, C] of 4 places
  for (const plane of planes) expectClose(plane, Array(4).fill(plane[0]!), { maxAbs: 1e-5 });
  const first = planes.map(([x]) => x!);
  expectClose([first[2]!, first[3]!, first[8]!], [first[0]!, first[1]!, first[6]!], { maxAbs: 1e-5 });
  expect(new Set([first[0], first[1], first[6], first[7]].map((x) => x!.toFixed(3))).size).toBe(4);
});

it("captions are left out as often as was asked for", () => {
  const shares = [0, 0.25, 1].map((captionDropout) => {
    const draws = Array.from({ length: 200 }, (_, i) => drawBatch(i, 6, { ...drawing, captionDropout }).uncaptioned);
    return draws.flat().filter(Boolean).length / 800;
  });
  expectClose(shares, [0, 0.25, 1], { maxAbs: 0.05 });
});

it("captions come from file names and name the trigger word once", () => {
  expect(["red_fox-03.png", "a dog (2).png", "0007.png"].map(captionOfName)).toEqual(["red fox", "a dog", ""]);
  expect(withTrigger("a dog", "sks")).toBe("sks, a dog");
  expect(withTrigger("photo of sks dog", "sks")).toBe("photo of sks dog");
  expect(withTrigger("", "sks")).toBe("sks");
});

it("a picture is cropped to its middle in the wanted shape and averaged down", () => {
  const row = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const wide = { pixels: Float32Array.from({ length: 3 * 4 * 6 }, (_, i) => row[i % 6]!), width: 6, height: 4 };
  expectClose(fitPicture(wide, { width: 2, height: 2 }).slice(0, 2), [0.3, 0.7], { maxAbs: 0.03 });
  expect(fitPicture(wide, { width: 4, height: 4 }).slice(0, 4)).toEqual(Float32Array.of(0.2, 0.4, 0.6, 0.8));
  expectClose(fitPicture(wide, { width: 3, height: 2 }).slice(0, 3), [0.14, 0.5, 0.86], { maxAbs: 0.01 });
});
