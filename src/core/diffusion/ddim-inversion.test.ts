import { expect, it } from "vitest";
import { kitTensors, relL2 } from "../../runtime/testing/parity-kit.ts";
import { inversionTimesteps, invert } from "./ddim-inversion.ts";
import { alphasCumprod } from "./schedule.ts";

// diffusers' DDIMInverseScheduler: e2e/parity/make_tuned_clip_case.py
it.each(["epsilon", "v_prediction"] as const)(
  "clean latents become the noise of diffusers' inverse scheduler: %s",
  async (prediction) => {
    const golden = await kitTensors("tuned-clip/transformer.safetensors");
    const seen: number[] = [];
    const network = async (x: Float32Array, timestep: number) => {
      seen.push(timestep);
      return x.map((xi) => 0.3 * xi + timestep / 2000);
    };
    const options = { alphaBar: alphasCumprod("scaled_linear"), steps: 10, prediction };
    const noise = await invert(network, await golden.readFloat32("latents"), options);
    expect(seen).toEqual([...(await golden.readFloat32("timesteps"))]);
    expect(relL2(noise, await golden.readFloat32(`inverted.${prediction}`))).toBeLessThan(1e-5);
  },
);

it("the last timestep lies within the training's", () => {
  expect(inversionTimesteps(1000, 999).at(-1)).toBe(999);
});
