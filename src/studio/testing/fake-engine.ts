/**
 * A stand-in engine for working on the page: synthetic pictures with the timing of a small model on a processor.
 * Development only (`?fake`, or `?fake=slow,webgpu,empty,failing`); never part of a production build.
 */
import type {
  DeviceChoice,
  DeviceReport,
  DroppedFile,
  FileVerdict,
  ImportEvent,
  RenderRequest,
  ShelfItem,
} from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { EngineLink, WorkerApi } from "../engine/client.ts";
import { fakeTraining } from "./fake-training.ts";
import { drawFrame, drawPreview } from "./synthetic-clip.ts";

const miniShelf: readonly ShelfItem[] = [
  {
    ...item("mini", "checkpoint", "Mini", "SD 1.x checkpoint, 9 M parameters, draws at 128 × 128", {
      steps: 20,
      cfgScale: 5,
      width: 128,
      height: 128,
    }),
    size: { parameters: 9.1e6, firstWidth: 64, vaeWidth: 16, vaeFactor: 8 },
  },
  item("mini-motion", "motion", "Mini motion", "AnimateDiff v3 motion module, up to 32 frames", { frames: 16, sampler: "ddim" }),
  { ...item("mini-lora-neon", "lora", "neon", "LoRA for Mini, rank 8"), triggerWords: ["neon style"] },
  { ...item("mini-lora-pencil", "lora", "pencil", "LoRA for Mini, rank 8"), triggerWords: ["pencil style"] },
];

export function openFakeEngine(flags: string): EngineLink {
  const has = (flag: string) => flags.split(",").includes(flag);
  let shelf = has("empty") ? [] : [...miniShelf];
  let cancelled = false;
  let preferred: DeviceChoice = "auto";
  let importCancelled = false;
  const speed = has("slow") ? 4 : has("fast") ? 0.15 : 1;
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms * speed));

  const api: WorkerApi = {
    ...fakeTraining(wait, has("failing")),
    async prefer(choice) {
      preferred = choice;
    },
    async probe() {
      await wait(600);
      return has("webgpu") && preferred !== "wasm" ? gpu : processor;
    },
    async shelf() {
      await wait(400);
      return shelf;
    },
    async inspect(files) {
      await wait(500);
      return files.map(verdictOn);
    },
    async importFiles(files, port) {
      importCancelled = false;
      const send = (event: ImportEvent) => port.postMessage(event);
      for (const dropped of files) {
        const totalBytes = Math.max(dropped.file.size, 40e6);
        for (const phase of ["read", "convert"] as const) {
          for (let part = 0; part <= 12 && !importCancelled; part++) {
            send({
              type: "progress",
              phase,
              doneBytes: Math.round((part / 12) * totalBytes),
              totalBytes,
              file: dropped.file.name,
            });
            await wait(150);
          }
        }
        if (importCancelled) return send({ type: "cancelled" });
        const verdict = verdictOn(dropped);
        if (!verdict.usable) continue;
        const added = {
          ...item(crypto.randomUUID(), verdict.kind, verdict.name, verdict.summary),
          builtIn: false,
          bytes: verdict.bytes,
        };
        shelf = [...shelf, added];
        send({
          type: "imported",
          item: added,
          notice: verdict.kind === "lora" ? `192 of 264 layers of ${verdict.name} are used.` : null,
        });
      }
      send({ type: "done" });
    },
    async cancelImport() {
      importCancelled = true;
    },
    async files() {
      return [];
    },
    async upscale(_id, pixels, size) {
      return { ...size, pixels };
    },
    async drawPicture(_id, _picture, { width, height }) {
      return new Uint8ClampedArray(4 * width * height).fill(128);
    },
    async remove(id) {
      shelf = shelf.filter((each) => each.id !== id);
    },
    async render(request, port) {
      cancelled = false;
      await play(request, (event) => port.postMessage(event));
    },
    async cancelRender() {
      cancelled = true;
    },
  };

  let loaded = false;
  async function play({ settings }: RenderRequest, send: (event: RenderEvent) => void): Promise<void> {
    const { frames, width, height, steps } = settings;
    if (!loaded) {
      for (const [phase, total, parts] of [
        ["download", 24.8e6, 10],
        ["convert", 24.8e6, 5],
        ["load", 3, 3],
      ] as const) {
        send({ type: "phase", phase });
        for (let part = 0; part <= parts && !cancelled; part++) {
          send({ type: "progress", phase, done: (part / parts) * total, total });
          await wait(120);
        }
      }
      loaded = true;
    }
    send({ type: "phase", phase: "text" });
    await wait(150);
    send({ type: "phase", phase: "denoise" });
    for (let step = 0; step < steps && !cancelled; step++) {
      send({ type: "progress", phase: "denoise", done: step, total: steps });
      await wait(250);
      if (has("failing") && step === 3) return send({ type: "failed", error: outOfMemory });
      const [w, h] = [width / 8, height / 8];
      send({
        type: "preview",
        step: step + 1,
        steps,
        frames,
        width: w,
        height: h,
        pixels: drawPreview(settings, w, h, (step + 1) / steps),
      });
      send({ type: "progress", phase: "denoise", done: step + 1, total: steps });
    }
    if (cancelled) return send({ type: "cancelled" });
    send({ type: "phase", phase: "decode" });
    for (let index = 0; index < frames && !cancelled; index++) {
      await wait(90);
      send({ type: "frame", index, width, height, pixels: drawFrame(settings, index, width, height) });
      send({ type: "progress", phase: "decode", done: index + 1, total: frames });
    }
    send(cancelled ? { type: "cancelled" } : { type: "done", timingsMs: { denoise: steps * 250, decode: frames * 90 } });
  }

  return { api, lost: new Promise(() => {}), close: () => {} };
}

function item(
  id: string,
  kind: ShelfItem["kind"],
  name: string,
  summary: string,
  suggested: ShelfItem["suggested"] = {},
): ShelfItem {
  return { id, kind, name, summary, bytes: 0, builtIn: true, triggerWords: [], suggested };
}

function verdictOn({ path, file }: DroppedFile): FileVerdict {
  const name = file.name.replace(/\.[^.]+$/, "");
  if (!file.name.endsWith(".safetensors")) {
    const message = `${file.name} is not a model: it does not begin with a safetensors header.`;
    return { usable: false, files: [path], error: { code: "file/unknown", message, hint: "Drop a .safetensors file." } };
  }
  if (/motion|mm_/i.test(name)) {
    return {
      usable: true,
      files: [path],
      kind: "motion",
      name,
      summary: "AnimateDiff v2 motion module, up to 32 frames",
      bytes: 1_817_000_000,
    };
  }
  if (/lora/i.test(name))
    return { usable: true, files: [path], kind: "lora", name, summary: "LoRA for SD 1.x, rank 32", bytes: 151_100_000 };
  return {
    usable: true,
    files: [path],
    kind: "checkpoint",
    name,
    summary: "SD 1.x checkpoint, 860 M parameters",
    bytes: 4_265_000_000,
  };
}

const outOfMemory = {
  code: "runtime/out-of-memory",
  message: "The device ran out of memory while denoising 16 frames of 128 × 128.",
  hint: "Try fewer frames or a smaller size, or close other tabs.",
};

export const processor: DeviceReport = {
  backend: "wasm",
  name: "processor",
  fp16: false,
  threads: 2,
  notice: "No WebGPU here: running on the processor, slower.",
  storage: "opfs",
  storageUsedBytes: 24_800_000,
  storageLeftBytes: 41_200_000_000,
  selfTest: [],
  card: null,
};

export const gpu: DeviceReport = {
  ...processor,
  backend: "webgpu",
  name: "NVIDIA GeForce RTX 4070",
  fp16: true,
  notice: null,
  selfTest: [{ op: "MultiHeadAttention", maxError: 2e-6, used: true }],
  card: { features: ["subgroups"], givenUp: [], kernels: [] },
};
