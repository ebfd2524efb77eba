/** Checks that an IP-Adapter was made for the checkpoint and for the image encoder beside it. */

import { ZoetropeError } from "../../core/errors.ts";
import { adapterPaths } from "../../graph/picture-kv.ts";
import type { ImageEncoder } from "../../models/ip-adapter/image-encoder.ts";
import type { IpAdapter } from "../../models/ip-adapter/load.ts";
import type { WeightSource } from "../../models/types.ts";

/** @throws ZoetropeError `ip-adapter/wrong-unet`, `ip-adapter/wrong-encoder` */
export function checkAdapterFits({ name, config, weights }: IpAdapter, unet: WeightSource, encoder: ImageEncoder): void {
  const own = config.attentions.map((n) => weights.shape(`ip_adapter.${n}.to_k_ip.weight`)[0]);
  const wanted = adapterPaths(unet).map((path) => unet.shape(`${path}.to_k.weight`)[0]);
  if (own.join() !== wanted.join()) {
    throw new ZoetropeError("ip-adapter/wrong-unet", {
      message: `${name} was made for another UNet: it serves ${own.length} cross-attentions, and the checkpoint has ${wanted.length}${own.length === wanted.length ? " of other widths" : ""}.`,
      hint: "Choose an IP-Adapter for SD 1.5.",
    });
  }
  const { hiddenSize, projectionDim } = encoder.config;
  const given = config.kind === "plain" ? projectionDim : hiddenSize;
  if (given === config.imageWidth) return;
  throw new ZoetropeError("ip-adapter/wrong-encoder", {
    message: `${name} was trained with another image encoder: it reads ${config.imageWidth} numbers where ${encoder.name} gives ${given}.`,
    hint: "Choose CLIP ViT-H/14 (models/image_encoder beside most IP-Adapters for SD 1.5), or ViT-bigG for those called vit-G.",
  });
}
