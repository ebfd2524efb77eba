/** Parts: the components of an animation's models as the engine takes them, each with shards of its own. */

import type { ControlModel } from "../../graph/control.ts";
import type { T2iConfig } from "../../models/control/t2i-adapter.ts";
import type { Component, ControlNet, SparseCtrl } from "../../models/types.ts";
import type { HostTensor } from "./backend.ts";

/** A component whose weights have a key: equal keys hold equal weights (see shard-names.ts). */
export interface Part<Config> extends Component<Config> {
  readonly key: string;
  /** Low-rank changes that run beside the weights; null or absent where there are none. */
  readonly sideBranch?: SideBranch | null;
}

/** Low-rank changes as inputs of the graphs, so that a slider rebuilds neither shards nor sessions. */
export interface SideBranch {
  /** Lists the changed layers: graphs with the same changed layers are the same, whatever the changes are. */
  readonly layers: string;
  /** The changes by the names of the graphs' inputs. */
  read(): Promise<Readonly<Record<string, HostTensor>>>;
}

/** A ControlNet or SparseCtrl. */
export interface ControlPart extends ControlModel {
  readonly key: string;
  /** `ControlNetConfig.pooled` */
  readonly pooled: boolean;
  /** `ControlNetConfig.difference`; false once the checkpoint's weights are added. */
  readonly difference: boolean;
  /** `ControlNetConfig.differences` */
  readonly differences?: ReadonlySet<string>;
}

export function controlNetPart(key: string, { config, weights }: ControlNet): ControlPart {
  return { key, condition: "pixels", motion: null, weights, ...config };
}

export function sparseCtrlPart(key: string, { config, weights }: SparseCtrl): ControlPart {
  return { key, weights, ...config, pooled: false, difference: false };
}

/** A T2I-Adapter. */
export interface T2iPart extends Part<T2iConfig> {
  readonly condition: "features";
}

/** What a hint can be given to. */
export type AnyControl = ControlPart | T2iPart;

/** The side branches of the parts that have one. */
export function sideBranchesOf(parts: readonly Pick<Part<unknown>, "sideBranch">[]): SideBranch[] {
  return parts.flatMap(({ sideBranch }) => sideBranch ?? []);
}
