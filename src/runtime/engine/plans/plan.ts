/**
 * A plan is a session that may not be open yet. Listing its parts and building its graph cost milliseconds to tens of them, so both
 * happen only when no warm session has its key.
 */

import type { Graph } from "../../../graph/graph.ts";
import type { UnetShape } from "../../../graph/unet.ts";
import type { PackedPart } from "../packed-part.ts";
import type { SideBranch } from "../part.ts";

export interface Plan {
  /** Plans with equal keys (and the same changed layers) build equal graphs over equal weights. */
  readonly key: string;
  /** Low-rank changes that the graph takes as inputs. Absent: none. */
  readonly sideBranches?: readonly SideBranch[];
  /** true: runs once per prompt, on little memory. It does not evict a warm UNet, and gives way to one. Absent: false. */
  readonly brief?: boolean;
  /** true: the graph takes only some of the inputs that runs are given, and the others are left out. Absent: it takes all. */
  readonly partial?: boolean;
  /** Everything that the graph reads its weights from. */
  parts(): readonly PackedPart[];
  build(): Graph;
}

/** The smallest picture that a UNet takes. Which weights a graph uses does not depend on the picture, so parts are listed from it. */
export const NOMINAL_SHAPE: UnetShape = { frames: 1, height: 8, width: 8, textBatch: 1, textTokens: 77 };

export function shapeKey({ frames, height, width, textBatch, textTokens }: UnetShape): string {
  return [frames, height, width, textBatch, textTokens].join("/");
}
