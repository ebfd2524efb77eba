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

it("what is under way fails with device/lost when the device goes, even if it would never end", async () => {
  const gpu = device();
  const watch = new DeviceWatch(gpu);
  const running = watch.during(forever());
  gpu.lose("The GPU process crashed.");
  await expect(running).rejects.toMatchObject({
    code: "device/lost",
    message: expect.stringContaining("The GPU process crashed"),
  });
});

it("what begins after the loss fails at once", async () => {
  const gpu = device();
  const watch = new DeviceWatch(gpu);
  gpu.lose("");
  await gpu.lost;
  await expect(watch.during(Promise.resolve(1))).rejects.toMatchObject({ code: "device/lost" });
});

it("without a loss results and errors pass", async () => {
  const watch = new DeviceWatch(device());
  await expect(watch.during(Promise.resolve(1))).resolves.toBe(1);
  await expect(watch.during(Promise.reject(new Error("other")))).rejects.toThrow("other");
});

it("an error that comes before the news of the loss that causes it is the loss", async () => {
  const gpu = device();
  const running = new DeviceWatch(gpu).during(Promise.reject(new Error("Failed to download data from buffer.")));
  setTimeout(() => gpu.lose("The GPU process crashed."), 20);
  await expect(running).rejects.toMatchObject({ code: "device/lost" });
});

it("a buffer without room fails what is under way and all that follows on this device", async () => {
  const gpu = device();
  const watch = new DeviceWatch(gpu);
  const running = watch.during(forever());
  gpu.fail(new OutOfMemory("vkAllocateMemory failed"));
  await expect(running).rejects.toMatchObject({ code: "device/out-of-memory" });
  await expect(watch.during(Promise.resolve(1))).rejects.toMatchObject({ code: "device/out-of-memory" });
});

it("a refused command fails what is under way, for its result would read as zeros", async () => {
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
