/** The package's face: from models to frames. It runs in Node and in browsers; `zoetrope/node` and `zoetrope/web` bring the device. */

export { resolveSettings } from "../cli/settings.ts";
export { ZoetropeError } from "../core/errors.ts";
export { type ClipTokenizer, createClipTokenizer } from "../core/prompt/tokenizer.ts";
export { checkRanges } from "../core/settings/check.ts";
export { defaultSettings, type RenderSettings } from "../core/settings/render-settings.ts";
export { settingsSchema } from "../core/settings/schema.ts";
export { type ByteSource, blobSource, bufferSource } from "../formats/byte-source.ts";
export { composeModels, type ModelChoice } from "../runtime/compose/compose.ts";
export type { ModelSet } from "../runtime/compose/model-set.ts";
export type { Backend } from "../runtime/engine/backend.ts";
export { Engine, SESSION_BUDGET_BYTES } from "../runtime/engine/engine.ts";
export type { ClipEvent } from "../runtime/pipeline/clip-event.ts";
export type { ClipRequest } from "../runtime/pipeline/clip-request.ts";
export { renderClip } from "../runtime/pipeline/render-clip.ts";
export { openMiniModels, openMiniTokenizer, type ReadShipped } from "./mini-models.ts";
