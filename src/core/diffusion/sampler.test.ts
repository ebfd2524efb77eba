import { describe, expect, test } from "vitest";
import { expectClose } from "../testing/close.ts";
import { numbers } from "../testing/fixtures.ts";
import { weightedSum } from "./latents.ts";
import { TorchGenerator } from "./noise.ts";
import { createSampler, maxSteps, type SamplerPlan } from "./sampler.ts";
import { isSamplerName, SAMPLER_NAMES } from "./sampler-names.ts";

const SCHEDULES = ["linear", "scaled_linear"] as const;
const PREDICTIONS = ["epsilon", "v_prediction"] as const;
const STEPS = [1, 2, 3, 5, 8];

/** The trajectory of a plan with the pseudo-model of the references: 0.9 eps[k] + 0.1 input. */
async function walk(
  plan: SamplerPlan,
  start: Float32Array,
): Promise<{ states: Float32Array; denoised: Float32Array; asked: number[] }> {
  const eps = numbers("eps");
  const size = start.length;
  const generator = new TorchGenerator(7);
  const asked: number[] = [];
  const model = async (input: Float32Array, timestep: number) => {
    const k = asked.push(timestep) - 1;
    return weightedSum([0.9, eps.subarray(k * size, (k + 1) * size)], [0.1, input]);
  };
  const states: number[] = [];
  let denoised = new Float32Array();
  for await (const result of plan.run(model, start, () => generator.randn(size))) {
    expect(result.step).toBe(states.length / size);
    states.push(...result.latents);
    denoised = Float32Array.from(result.denoised);
  }
  return { states: Float32Array.from(states), denoised, asked };
}

/** diffusers takes the only step of these at the cleanest level, where nothing is left to do; here it is taken at the noisiest. */
function fewestInDiffusers(name: string): number {
  return /^(euler|heun)_(karras|exponential|beta)$/.test(name) ? 2 : 1;
}

describe.each(SAMPLER_NAMES)("%s", (name) => {
  test("visits the timesteps of diffusers, from noise of the same scale", () => {
    for (const schedule of SCHEDULES) {
      for (const steps of [1, 2, 3, 4, 5, 6, 7, 8, 16, 20, 25, 48].filter((count) => count >= fewestInDiffusers(name))) {
        const plan = createSampler({ name, schedule, steps, predictionType: "epsilon" });
        const key = `${name}.${schedule}.${steps}`;
        // Fractional timesteps found from a noise level differ in the last bit of their fp32.
        expectClose(plan.timesteps, numbers(`${key}.timesteps`), { maxAbs: fewestInDiffusers(name) === 1 ? 0 : 1e-4 });
        expectClose([plan.initNoiseScale], numbers(`${key}.init_noise_sigma`), { relL2: 1e-6 });
      }
    }
  });

  describe.each(SCHEDULES)("on %s", (schedule) => {
    test.each(PREDICTIONS)("takes the steps of diffusers with %s", async (predictionType) => {
      for (const steps of STEPS.filter((count) => count >= fewestInDiffusers(name))) {
        const plan = createSampler({ name, schedule, steps, predictionType });
        const { states, asked } = await walk(plan, weightedSum([plan.initNoiseScale, numbers("x_init")]));
        // diffusers computes in fp32: two steps of its Heun are 1.3e-5 from what fp64 gives, and DEIS' logarithms cancel.
        const relL2 = (name.startsWith("heun") && steps === 2) || name === "deis" ? 2e-5 : 1e-5;
        expectClose(states, numbers(`${name}.${schedule}.${predictionType}.${steps}`), { relL2 });
        expect(asked).toEqual(plan.timesteps);
      }
    });

    test.skipIf(name === "pndm")("starts from a video at 70 % strength as diffusers does", async () => {
      const plan = createSampler({ name, schedule, steps: 8, predictionType: "epsilon", strength: 0.7 });
      expect(plan.timesteps).toHaveLength(name.startsWith("heun") ? 9 : 5);
      const start = plan.addNoise(numbers("x0"), numbers("x_init"));
      expectClose(start, numbers(`${name}.${schedule}.strength.start`), { relL2: 1e-6 });
      const { states } = await walk(plan, start);
      expectClose(states, numbers(`${name}.${schedule}.strength.steps`), { relL2: 1e-5 });
    });
  });

  test("finds the clean sample when the model knows it, in epsilon and in v", async () => {
    const x0 = numbers("x0");
    for (const predictionType of PREDICTIONS) {
      const plan = createSampler({ name, schedule: "linear", steps: 20, predictionType });
      const alphaBar = new Map<number, number>();
      // The oracle derives the noise level from the input's timestep; a perfect estimate must survive every step.
      const table = numbers("alphas_cumprod.linear");
      for (const t of plan.timesteps) alphaBar.set(t, table[Math.round(t)]!);
      const model = async (input: Float32Array, t: number) => {
        const a = alphaBar.get(t)!;
        const epsilon = weightedSum([1 / Math.sqrt(1 - a), input], [-Math.sqrt(a / (1 - a)), x0]);
        if (predictionType === "epsilon") return epsilon;
        return weightedSum([Math.sqrt(a), epsilon], [-Math.sqrt(1 - a), x0]);
      };
      const generator = new TorchGenerator(3);
      let last = new Float32Array();
      const start = weightedSum([plan.initNoiseScale, numbers("x_init")]);
      for await (const { latents } of plan.run(model, start, () => generator.randn(x0.length))) last = Float32Array.from(latents);
      expectClose(last, x0, { relL2: 0.08 });
    }
  });

  test("stays finite for every number of steps at the edges of what it takes", async () => {
    const most = maxSteps(name);
    for (const steps of [1, 2, Math.floor(most / 2) + 1, most - 1, most]) {
      const plan = createSampler({ name, schedule: "scaled_linear", steps, predictionType: "v_prediction" });
      expect(Math.max(...plan.timesteps)).toBeLessThanOrEqual(999);
      expect(Math.min(...plan.timesteps)).toBeGreaterThanOrEqual(0);
      const model = async (input: Float32Array) => weightedSum([-0.3, input]);
      const generator = new TorchGenerator(1);
      for await (const { latents, denoised } of plan.run(model, Float32Array.of(1, -2), () => generator.randn(2))) {
        expectClose([...latents, ...denoised], [0, 0, 0, 0], { maxAbs: 100 });
      }
    }
  });

  test.each([0, -1, 2.5, Number.NaN, 1001])("refuses %s steps", (steps) => {
    const create = () => createSampler({ name, schedule: "linear", steps, predictionType: "epsilon" });
    expect(create).toThrowError(expect.objectContaining({ code: "sampler/steps" }));
  });
});

test.each(["lcm", "tcd"] as const)("%s takes at most 50 steps", (name) => {
  const plan = (steps: number) => createSampler({ name, schedule: "linear", steps, predictionType: "epsilon" });
  expect(plan(50).timesteps).toHaveLength(50);
  expect(() => plan(51)).toThrowError(expect.objectContaining({ code: "sampler/steps", hint: "Choose at most 50 steps." }));
});

describe("zero terminal SNR", () => {
  const options = { schedule: "scaled_linear", steps: 4, zeroSnr: true, predictionType: "v_prediction" } as const;

  test("a v-prediction model starts from pure noise, where its answer is the picture with its sign turned", async () => {
    const plan = createSampler({ ...options, name: "ddim_trailing" });
    const first = await plan.run(async () => Float32Array.of(0.5, -2), Float32Array.of(9, 9), never).next();
    expect(first.value?.denoised).toEqual(Float32Array.of(-0.5, 2));
  });

  test("samplers that divide by the signal start at sigma 4096, as in diffusers", () => {
    expect(createSampler({ ...options, name: "euler_trailing" }).initNoiseScale).toBe(4096);
  });

  test("a model that predicts noise is refused where it would be asked at pure noise, and only there", () => {
    const create = (name: "ddim" | "ddim_trailing") => createSampler({ ...options, name, predictionType: "epsilon" });
    expect(() => create("ddim_trailing")).toThrowError(expect.objectContaining({ code: "sampler/zero-snr" }));
    expect(create("ddim").timesteps).toEqual([751, 501, 251, 1]);
  });
});

test("tcd draws noise for every step but the last, and none at eta 0", async () => {
  const draws = async (tcdEta: number) => {
    const plan = createSampler({ name: "tcd", schedule: "linear", steps: 4, predictionType: "epsilon", tcdEta });
    let drawn = 0;
    const noise = () => Float32Array.of(++drawn);
    for await (const _ of plan.run(async (x) => x, Float32Array.of(1), noise));
    return drawn;
  };
  expect([await draws(0.3), await draws(1), await draws(0)]).toEqual([3, 3, 0]);
});

function never(): never {
  throw new Error("no noise is drawn here");
}

test("heun asks twice in every step but the last", () => {
  const timesteps = (steps: number, strength = 1) =>
    createSampler({ name: "heun", schedule: "linear", steps, predictionType: "epsilon", strength }).timesteps;
  expect(timesteps(5)).toEqual([999, 749.25, 749.25, 499.5, 499.5, 249.75, 249.75, 0, 0]);
  expect(timesteps(5, 0.4)).toEqual([249.75, 0, 0]);
});

test("pndm started from a video still doubles the second call of what is left", () => {
  const plan = createSampler({ name: "pndm", schedule: "linear", steps: 5, predictionType: "epsilon", strength: 0.6 });
  expect(plan.timesteps).toEqual([401, 201, 201, 1]);
});

test.each([0, -0.1, 1.1, 0.19, Number.NaN])("a strength of %s, which leaves no step or too many, is refused", (strength) => {
  const create = () => createSampler({ name: "ddim", schedule: "linear", steps: 5, predictionType: "epsilon", strength });
  expect(create).toThrowError(expect.objectContaining({ code: "sampler/strength" }));
});

test("full strength takes every step", () => {
  const options = { name: "ddim", schedule: "linear", steps: 5, predictionType: "epsilon" } as const;
  expect(createSampler({ ...options, strength: 1 }).timesteps).toEqual([801, 601, 401, 201, 1]);
});

test("a plan can be run twice with the same result", async () => {
  const plan = createSampler({ name: "unipc", schedule: "linear", steps: 5, predictionType: "epsilon" });
  const [first, second] = [await walk(plan, numbers("x_init")), await walk(plan, numbers("x_init"))];
  expect(second.states).toEqual(first.states);
});

test("the last estimate of a sampler that ends clean is its result", async () => {
  for (const name of ["ddim", "euler", "heun", "dpmpp_2m", "dpmpp_2m_sde", "ddim_trailing", "ddpm", "unipc", "lcm"] as const) {
    const plan = createSampler({ name, schedule: "linear", steps: 5, predictionType: "epsilon" });
    const { states, denoised } = await walk(plan, weightedSum([plan.initNoiseScale, numbers("x_init")]));
    expectClose(states.subarray(-denoised.length), denoised, { maxAbs: 1e-5 });
  }
});

test("a sampler nobody knows is named together with those that exist", () => {
  expect(isSamplerName("toString")).toBe(false);
  const create = () => createSampler({ name: "dpm_fast" as "ddim", schedule: "linear", steps: 5, predictionType: "epsilon" });
  expect(create).toThrowError(
    expect.objectContaining({ code: "sampler/unknown", hint: expect.stringContaining("dpmpp_2m_karras") }),
  );
});
