/** A ControlNet or SparseCtrl: the network that embeds its hint, the network itself, and its own text keys and values. */

import type { NormMode } from "../../../core/settings/render-settings.ts";
import { buildControl, buildHint, type ControlShape } from "../../../graph/control.ts";
import type { Graph } from "../../../graph/graph.ts";
import type { GraphStyle } from "../../../graph/style.ts";
import { buildTextKv } from "../../../graph/text-kv.ts";
import type { UnetShape } from "../../../graph/unet.ts";
import { type PackedPart, packedPart } from "../packed-part.ts";
import type { ControlPart } from "../part.ts";
import { NOMINAL_SHAPE, type Plan, shapeKey } from "./plan.ts";
import type { TextKvShape } from "./text-kv.ts";

export function hintPlan(control: ControlPart, shape: UnetShape, style: GraphStyle): Plan {
  return {
    key: `${control.key}/hint/${style.precision}/${shapeKey(shape)}`,
    parts: () => controlParts(control, style),
    build: () => buildHint(control, shape, style),
  };
}

export function controlPlan(control: ControlPart, shape: ControlShape, norm: NormMode, style: GraphStyle): Plan {
  const { branch = null } = shape;
  const form = branch === null ? "" : `shallow-${branch}/`;
  return {
    key: `${control.key}/${form}${style.precision}/${norm}/${shapeKey(shape)}`,
    partial: branch !== null,
    parts: () => controlParts(control, style),
    build: () => buildControl(control, shape, norm, style),
  };
}

export function controlKvPlan(control: ControlPart, { batch, tokens }: TextKvShape, style: GraphStyle): Plan {
  return {
    key: `${control.key}/kv/${style.precision}/${batch}/${tokens}`,
    parts: () => controlParts(control, style),
    build: () => controlKv(control, batch, tokens, style),
  };
}

/** All three networks in one layout: they are always used together. */
export function controlParts(control: ControlPart, style: GraphStyle): PackedPart[] {
  const { textBatch, textTokens } = NOMINAL_SHAPE;
  const graphs = [
    buildControl(control, NOMINAL_SHAPE, "original", style),
    buildHint(control, NOMINAL_SHAPE, style),
    controlKv(control, textBatch, textTokens, style),
  ];
  const uses = graphs.flatMap(({ weights }) => weights);
  return [packedPart(control, style.precision, uses)];
}

function controlKv({ unet, weights }: ControlPart, batch: number, tokens: number, style: GraphStyle): Graph {
  return buildTextKv({ config: unet, weights }, batch, tokens, style);
}
