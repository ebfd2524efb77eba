import { expect, it, vi } from "vitest";
import { DeviceWatch } from "./device-watch.ts";

class OutOfMemory extends Error {}
vi.stubGlobal("GPUOutOfMemoryError", OutOfMemory);

function device() {
  let resolve = (_info: GPUDeviceLostInfo) => {};
  const lost = new Promise<GPUDeviceLostInfo>((lose) => {
    resolve = lose;
  });
  const events = new EventTarget();
  const addEventListener = events.addEventListener.bind(events) as GPUDevice["addEventListener"];
  return {
    lost,
    addEventListener,
    lose: (message: string) => resolve({ message, reason: "unknown" } as GPUDeviceLostInfo),
    fail: (error: Error) => events.dispatchEvent(Object.assign(new Event("uncapturederror"), { error })),
  };
}

const forever = () => new Promise(() => {});

it("running tasks fail with device/lost when the device is lost, even if they would never end", async () => {
  const gpu = device();
  const watch = new DeviceWatch(gpu);
  const running = watch.during(forever());
  gpu.lose("The GPU process crashed.");
  await expect(running).rejects.toMatchObject({
    code: "device/lost",
    message: expect.stringContaining("The GPU process crashed"),
  });
});

it("a task that begins after the loss fails at once", async () => {
  const gpu = device();
  const watch = new DeviceWatch(gpu);
  gpu.lose("");
  await gpu.lost;
  await expect(watch.during(Promise.resolve(1))).rejects.toMatchObject({ code: "device/lost" });
});

it("without a loss, results and errors pass through", async () => {
  const watch = new DeviceWatch(device());
  await expect(watch.during(Promise.resolve(1))).resolves.toBe(1);
  await expect(watch.during(Promise.reject(new Error("other")))).rejects.toThrow("other");
});

it("an error that arrives before its cause, the loss of the device, is reported as the loss", async () => {
  const gpu = device();
  const running = new DeviceWatch(gpu).during(Promise.reject(new Error("Failed to download data from buffer.")));
  setTimeout(() => gpu.lose("The GPU process crashed."), 20);
  await expect(running).rejects.toMatchObject({ code: "device/lost" });
});

it("a failed allocation fails the running tasks and all later ones on this device", async () => {
  const gpu = device();
  const watch = new DeviceWatch(gpu);
  const running = watch.during(forever());
  gpu.fail(new OutOfMemory("vkAllocateMemory failed"));
  await expect(running).rejects.toMatchObject({ code: "device/out-of-memory" });
  await expect(watch.during(Promise.resolve(1))).rejects.toMatchObject({ code: "device/out-of-memory" });
});

it("a refused command fails the running tasks, because their results would read as zeros", async () => {
  const gpu = device();
  const watch = new DeviceWatch(gpu);
  const running = watch.during(forever());
  gpu.fail(new Error("[Buffer] is invalid.\n - While encoding"));
  await expect(running).rejects.toMatchObject({
    code: "device/refused",
    message: expect.stringContaining("([Buffer] is invalid)"),
  });
  await expect(watch.during(Promise.resolve(1))).resolves.toBe(1);
});
