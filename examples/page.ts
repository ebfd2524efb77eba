// Renders a clip with Mini in a page, which must serve the package's folder public under /zoetrope.
import * as ort from "onnxruntime-web";
import { Engine, openMiniModels, openMiniTokenizer, renderClip, resolveSettings } from "zoetrope";
import { toRgba } from "zoetrope/formats";
import { createWebBackend, fetchShipped } from "zoetrope/web";

const read = fetchShipped("/zoetrope");
const models = await openMiniModels(read);
const settings = resolveSettings({ settings: { prompt: "a red heart bouncing on a white background", frames: 8 } }, models);
const engine = new Engine(await createWebBackend(ort), 0);
const tools = { engine, tokenizer: await openMiniTokenizer(read), signal: new AbortController().signal };
const request = { settings, models, initLatents: null, initVideo: null, controls: [], decodeTile: null };
const { width, height } = settings;
for await (const event of renderClip(request, tools)) {
  if (event.type !== "frame") continue;
  const canvas = document.body.appendChild(Object.assign(document.createElement("canvas"), { width, height }));
  canvas.getContext("2d")?.putImageData(new ImageData(toRgba(event.pixels), width, height), 0, 0);
}
