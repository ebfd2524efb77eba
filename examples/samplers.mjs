// Walks a sampler over a network of one's own. This one knows the answer: everything but a constant is noise.
import { createSampler, TorchGenerator } from "zoetrope/samplers";

const generator = new TorchGenerator(7);
const plan = createSampler({ name: "ddim", schedule: "linear", steps: 10, predictionType: "epsilon" });
const clean = 0.5;
const alphaBar = (timestep) => {
  let product = 1;
  for (let i = 0; i <= timestep; i++) product *= 1 - (0.00085 + ((0.012 - 0.00085) * i) / 999);
  return product;
};
const model = async (x, timestep) => {
  const a = alphaBar(timestep);
  return x.map((value) => (value - Math.sqrt(a) * clean) / Math.sqrt(1 - a));
};
const start = generator.randn(16).map((value) => value * plan.initNoiseScale);
for await (const { step, denoised } of plan.run(model, start, () => generator.randn(16)))
  console.log(step, denoised[0].toFixed(3));
