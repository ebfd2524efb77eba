/** Training in the stand-in engine: a falling loss, and samples in which a colour grows. */
import { ApngEncoder } from "../../media/png/apng-encoder.ts";
import { framePng } from "../../media/png/frame-png.ts";
import type { KeptTraining, TrainingApi, TrainingEvent, TrainingPlan, TrainingSample } from "../../protocol/training.ts";

const side = 128;
const frames = 8;

/** @param failing whether the card is lost after some steps */
export function fakeTraining(wait: (ms: number) => Promise<unknown>, failing: boolean): TrainingApi {
  let kept: KeptTraining | null = null;
  let pausing = false;

  return {
    training: async () => kept,
    async timeTrainingStep() {
      await wait(1500);
      return 1200;
    },
    async train(plan: TrainingPlan | null, port) {
      const send = (event: TrainingEvent) => port.postMessage(event);
      pausing = false;
      if (plan !== null) kept = { plan, step: 0, losses: [], samples: [] };
      for (let part = 0; part <= 10; part++) {
        send({ type: "preparing", share: part / 10 });
        await wait(100);
      }
      const { settings, samples } = kept!.plan;
      for (let step = kept!.step + 1; step <= settings.steps && !pausing; step++) {
        await wait(120);
        const loss = 0.12 + 0.6 * Math.exp(-step / 60) + 0.15 * Math.abs(Math.sin(step * step));
        kept = { ...kept!, step, losses: [...kept!.losses, loss] };
        send({ type: "step", step, loss, stepMs: 120 });
        if (failing && step === 40) return send({ type: "failed", error: lost });
        if (samples === null || step % samples.every !== 0) continue;
        send({ type: "sampling" });
        await wait(600);
        const sample = drawSample(step, step / settings.steps);
        kept = { ...kept, samples: [...kept.samples, sample] };
        send({ type: "sample", sample });
      }
      send({ type: pausing ? "paused" : "finished" });
    },
    async pauseTraining() {
      pausing = true;
    },
    learnedFile: async () => new Uint8Array(4096),
    async forgetTraining() {
      kept = null;
    },
  };
}

const lost = {
  code: "device/lost",
  message: "The graphics card stopped working for this page.",
  hint: "What was learned so far is kept: go on, or keep it as it is.",
};

/** A disc on a ground whose colour shows how much was learned, 0 to 1. */
function drawSample(step: number, learned: number): TrainingSample {
  const encoder = new ApngEncoder({ width: side, height: side, fps: 8, frameCount: frames, settings: "" }, 0, () => {});
  let still = new Uint8Array();
  for (let frame = 0; frame < frames; frame++) {
    const data = new Uint8ClampedArray(4 * side * side);
    const centre = side / 2 + (side / 4) * Math.sin((2 * Math.PI * frame) / frames);
    for (let at = 0; at < side * side; at++) {
      const inside = Math.hypot((at % side) - centre, Math.floor(at / side) - side / 2) < side / 5;
      data.set(inside ? [245, 215, 80, 255] : [90 + 130 * learned, 110 - 80 * learned, 120 + 40 * learned, 255], 4 * at);
    }
    encoder.addFrame(data);
    if (frame === 0) still = framePng({ width: side, height: side, data });
  }
  return { step, clip: encoder.finish(), still };
}
