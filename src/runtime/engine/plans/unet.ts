/** The UNet with its motion module. Both keep shards of their own, so another motion module converts that alone. */

import type { NormMode } from "../../../core/settings/render-settings.ts";
import { motionWeights } from "../../../graph/motion.ts";
import type { GraphStyle } from "../../../graph/style.ts";
import { buildUnet, type FreeNoise, type SourceShape, type StepCacheForm, type UnetShape } from "../../../graph/unet.ts";
import type { MotionConfig, UnetConfig } from "../../../models/types.ts";
import { type PackedPart, packedPart } from "../packed-part.ts";
import { type Part, sideBranchesOf } from "../part.ts";
import { NOMINAL_SHAPE, type Plan, shapeKey } from "./plan.ts";

export interface UnetPlanOptions extends UnetShape {
  readonly unet: Part<UnetConfig>;
  readonly motion: Part<MotionConfig> | null;
  readonly norm: NormMode;
  /** null: every frame attends to all others. */
  readonly freeNoise: FreeNoise | null;
  /** Whether every frame's self-attention looks at the first frame. Absent: no. */
  readonly firstFrame?: boolean;
  /** Whether the graph takes the residuals of control models. */
  readonly control: boolean;
  /** Whether the graph takes the features of T2I-Adapters. Absent: no. */
  readonly features?: boolean;
  /** Sources of the cross-attentions besides the prompt. Absent: none. */
  readonly otherSources?: readonly SourceShape[];
  /** Whether the motion module's strengths are inputs. Absent: they are as trained. */
  readonly motionStrength?: boolean;
  /** null or absent: without step caching. */
  readonly stepCache?: StepCacheForm | null;
}

/** @param style as `unetStyle` gives it */
export function unetPlan(options: UnetPlanOptions, style: GraphStyle): Plan {
  const {
    unet,
    motion,
    norm,
    freeNoise,
    control,
    otherSources = [],
    motionStrength = false,
    stepCache = null,
    features = false,
  } = options;
  const key = [
    unet.key,
    motion?.key ?? "still",
    control ? "controlled" : "free",
    ...(options.firstFrame === true ? ["first-frame"] : []),
    ...otherSources.map(({ batch, tokens }) => `${batch}x${tokens}`),
    ...(motionStrength ? ["scaled"] : []),
    ...(features ? ["features"] : []),
    ...(stepCache === null ? [] : [`${stepCache.form}-${stepCache.branch}`]),
    freeNoise === null ? "whole" : `${freeNoise.length}-${freeNoise.stride}-${freeNoise.weights}${freeNoise.loop ? "-loop" : ""}`,
    style.precision,
    style.compute ?? "float32",
    norm,
    shapeKey(options),
  ];
  return {
    key: key.join("/"),
    sideBranches: sideBranchesOf(motion === null ? [unet] : [unet, motion]),
    partial: stepCache?.form === "shallow",
    parts: () => [...unetParts(unet, style), ...(motion === null ? [] : motionParts(motion, style))],
    build: () => buildUnet({ ...options, style }),
  };
}

export function unetParts(unet: Part<UnetConfig>, style: GraphStyle): PackedPart[] {
  const nominal = { ...NOMINAL_SHAPE, motion: null, norm: "original", freeNoise: null, control: false } as const;
  return [packedPart(unet, style.precision, buildUnet({ ...nominal, unet, style }).weights)];
}

export function motionParts(motion: Part<MotionConfig>, style: GraphStyle): PackedPart[] {
  return [packedPart(motion, style.precision, motionWeights(motion, style))];
}
