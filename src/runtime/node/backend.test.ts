import { expect, it } from "vitest";
import { createNodeBackend } from "./backend.ts";

// Only on Linux can a variable hide the graphics card.
it.runIf(process.platform === "linux")(
  "without a graphics card, WebGPU is refused with a sentence that says what to do",
  async () => {
    process.env.VK_ICD_FILENAMES = process.env.VK_DRIVER_FILES = "/nowhere.json";
    await expect(createNodeBackend({ device: "webgpu" })).rejects.toMatchObject({
      code: "device/no-gpu",
      message: "No graphics card could be used here.",
      hint: expect.stringContaining("leave out --backend webgpu"),
    });
  },
);
