/** The icon of each kind of model. */
import { Box, Clapperboard, Eye, Layers, Palette, PencilLine, Scaling, ScanFace, TextQuote, Waypoints } from "lucide-react";
import type { ModelKind } from "../../protocol/engine.ts";

export const kindIcons = {
  checkpoint: Box,
  motion: Waypoints,
  lora: Palette,
  "tuned-clip": Clapperboard,
  "motion-lora": Waypoints,
  vae: Layers,
  controlnet: Layers,
  sparsectrl: Layers,
  "t2i-adapter": Layers,
  "ip-adapter": ScanFace,
  "image-encoder": Eye,
  preprocessor: PencilLine,
  upscaler: Scaling,
  embedding: TextQuote,
} as const satisfies Record<ModelKind, unknown>;
