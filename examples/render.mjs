// Renders a clip with Mini on Node: node render.mjs clip.gif
import { writeFile } from "node:fs/promises";
import { Engine, openMiniModels, openMiniTokenizer, renderClip, resolveSettings } from "zoetrope";
import { defaultGifEncoding, encodeGif, gifDelays, toRgba } from "zoetrope/formats";
import { createNodeBackend, readShipped } from "zoetrope/node";

const models = await openMiniModels(readShipped);
const settings = resolveSettings(
  { settings: { prompt: "a red heart bouncing on a white background", width: 64, height: 64, frames: 8, steps: 4 } },
  models,
);
const backend = await createNodeBackend();
const engine = new Engine(backend, 0);
const tools = { engine, tokenizer: await openMiniTokenizer(readShipped), signal: new AbortController().signal };
const request = { settings, models, initLatents: null, initVideo: null, controls: [], decodeTile: null };
const frames = [];
for await (const event of renderClip(request, tools)) if (event.type === "frame") frames[event.index] = toRgba(event.pixels);
await engine.release();
await backend.dispose();
const { width, height, fps, prompt } = settings;
const clip = { width, height, frames, delaysCs: gifDelays(frames.length, fps), plays: 0, comment: prompt };
await writeFile(process.argv[2] ?? "clip.gif", encodeGif(clip, defaultGifEncoding));
