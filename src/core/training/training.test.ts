import { expect, it } from "vitest";
import { fitPicture } from "../fit-picture.ts";
import { expectClose } from "../testing/close.ts";
import { Adafactor } from "./adafactor.ts";
import { AdamW } from "./adamw.ts";
import { bucketSize, bucketStep } from "./buckets.ts";
import { captionOfName, withTrigger } from "./captions.ts";
import { clipped, totalNorm } from "./clip-gradients.ts";
import { noised, sampleWeights } from "./diffusion-loss.ts";
import { drawBatch, pickBucket } from "./draws.ts";
import { learningRate } from "./learning-rate.ts";
import { createOptimiser, defaultTrainingSettings } from "./training-settings.ts";

// torch.optim.AdamW([p], lr=0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.5), gradients [1, -2] and [0.5, 4].
it("two steps of AdamW are torch's", () => {
  const parameters = new Map([["p", { shape: [2], data: Float32Array.of(1, -1) }]]);
  const optimiser = new AdamW({ betas: [0.8, 0.9], eps: 1e-3, weightDecay: 0.5 });
  optimiser.step(parameters, new Map([["p", Float32Array.of(1, -2)]]), 0.1);
  expectClose(parameters.get("p")!.data, [0.85009992, -0.85004997], { maxAbs: 1e-6 });
  optimiser.step(parameters, new Map([["p", Float32Array.of(0.5, 4)]]), 0.1);
  expectClose(parameters.get("p")!.data, [0.71488184, -0.84904784], { maxAbs: 1e-6 });
});

// torch.optim.Adafactor([p, q], lr=0.1, weight_decay=0.5)
it("three steps of Adafactor are torch's", () => {
  const parameters = new Map([
    ["p", { shape: [2, 3], data: Float32Array.of(1, -2, 0.5, 0.25, 3, -1) }],
    ["q", { shape: [3], data: Float32Array.of(0, 1e-4, 0.3) }],
  ]);
  const optimiser = new Adafactor({ weightDecay: 0.5 });
  const values = () => [...parameters.values()].flatMap(({ data }) => [...data]);
  const step = (n: number) => {
    const p = Float32Array.of(0.1, -0.2, 0.3, 0.05, 0, 1).map((g) => g * (n + 1));
    const q = Float32Array.of(1, -0.5, 1e-3).map((g) => g * (1 - n));
    optimiser.step(parameters, new Map(Object.entries({ p, q })), 0.1);
  };
  step(0);
  const first = [0.70486796, -1.625934, 0.39624771, 0.19169721, 2.8499999, -1.0480988, -0.01732051, 0.01741551, 0.26767948];
  expectClose(values(), first, { maxAbs: 1e-6 });
  step(1);
  step(2);
  const third = [0.22227706, -1.00468886, 0.22465293, 0.09567604, 2.57212496, -1.11153328, -0.00088832, 0.00097406, 0.25632417];
  expectClose(values(), third, { maxAbs: 1e-6 });
  const kept = [...optimiser.tensors.values()].reduce((sum, { length }) => sum + length, 0);
  expect(kept).toBe(2 + 3 + 3);
});

it.each(["adamw", "adafactor"] as const)(
  "an optimiser that goes on from another's state makes the same step: %s",
  (optimiser) => {
    const settings = { ...defaultTrainingSettings(), optimiser };
    const start = () => new Map([["p", { shape: [1, 2], data: Float32Array.of(1, -1) }]]);
    const gradients = new Map([["p", Float32Array.of(0.3, -0.2)]]);
    const through = start();
    const whole = createOptimiser(settings, null);
    whole.step(through, gradients, 0.1);
    const resumed = new Map([["p", { shape: [1, 2], data: Float32Array.from(through.get("p")!.data) }]]);
    const tensors = new Map([...whole.tensors].map(([name, data]) => [name, data.slice()]));
    whole.step(through, gradients, 0.1);
    createOptimiser(settings, { steps: 1, tensors }).step(resumed, gradients, 0.1);
    expect(resumed.get("p")!.data).toEqual(through.get("p")!.data);
  },
);

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

it("buckets have about the area of the square and the shape of the picture", () => {
  const sizes = [
    [1000, 1000],
    [1600, 900],
    [600, 900],
    [4000, 500],
  ].map(([width, height]) => bucketSize({ width: width!, height: height! }, 512, bucketStep(512, 8)));
  expect(sizes).toEqual([
    { width: 512, height: 512 },
    { width: 704, height: 320 },
    { width: 384, height: 640 },
    { width: 704, height: 320 },
  ]);
  expect([bucketStep(512, 8), bucketStep(128, 8), bucketStep(64, 8)]).toEqual([64, 16, 8]);
  const picks = Array.from({ length: 2000 }, (_, number) => pickBucket(5, number, [1, 3]));
  expect(picks.filter((bucket) => bucket === 1).length / 2000).toBeCloseTo(0.75, 1);
});
