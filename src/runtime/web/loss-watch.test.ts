import { expect, it } from "vitest";
import { LossWatch } from "./loss-watch.ts";

function device() {
  let lose = (_info: GPUDeviceLostInfo) => {};
  const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
    lose = resolve;
  });
  return { lost, lose: (message: string) => lose({ message, reason: "unknown" } as GPUDeviceLostInfo) };
}

it("what is under way fails with device/lost when the device goes, even if it would never end", async () => {
  const gpu = device();
  const watch = new LossWatch(gpu);
  const running = watch.during(new Promise(() => {}));
  gpu.lose("The GPU process crashed.");
  await expect(running).rejects.toMatchObject({
    code: "device/lost",
    message: expect.stringContaining("The GPU process crashed"),
  });
});

it("what begins after the loss fails at once", async () => {
  const gpu = device();
  const watch = new LossWatch(gpu);
  gpu.lose("");
  await gpu.lost;
  await expect(watch.during(Promise.resolve(1))).rejects.toMatchObject({ code: "device/lost" });
});

it("without a loss results and errors pass", async () => {
  const watch = new LossWatch(device());
  await expect(watch.during(Promise.resolve(1))).resolves.toBe(1);
  await expect(watch.during(Promise.reject(new Error("other")))).rejects.toThrow("other");
});

it("an error that comes before the news of the loss that causes it is the loss", async () => {
  const gpu = device();
  const running = new LossWatch(gpu).during(Promise.reject(new Error("Failed to download data from buffer.")));
  setTimeout(() => gpu.lose("The GPU process crashed."), 20);
  await expect(running).rejects.toMatchObject({ code: "device/lost" });
});
