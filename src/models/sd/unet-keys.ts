/**
 * Names of the UNet's layers: LDM's single files (`input_blocks.4.1`) against the canonical ones of diffusers
 * (`down_blocks.1.attentions.0`). LDM numbers one list of blocks where diffusers has levels; one walk visits both.
 * Source: CompVis latent-diffusion `openaimodel.py`, diffusers `UNet2DConditionModel`.
 */

import { modulePaths, type TensorRef } from "../tensors.ts";

/** [LDM module, canonical module] */
export type ModulePair = readonly [ldm: string, canonical: string];

/** Layers of a resnet: [LDM, canonical]. The layers of transformers have the same names in both. */
const RESNET: readonly ModulePair[] = [
  ["in_layers.0", "norm1"],
  ["in_layers.2", "conv1"],
  ["emb_layers.1", "time_emb_proj"],
  ["out_layers.0", "norm2"],
  ["out_layers.3", "conv2"],
  ["skip_connection", "conv_shortcut"],
];

const OUTSIDE: readonly ModulePair[] = [
  ["time_embed.0", "time_embedding.linear_1"],
  ["time_embed.2", "time_embedding.linear_2"],
  ["input_blocks.0.0", "conv_in"],
  ["out.0", "conv_norm_out"],
  ["out.2", "conv_out"],
];

const CONTROL_OUTPUTS = 64;

/**
 * The blocks of a UNet in both namings. `exists` is asked for either name: an LDM file answers by its own,
 * a canonical source by the other, so one walk serves both directions.
 */
export function unetModules(exists: (pair: ModulePair) => boolean): ModulePair[] {
  const pairs: ModulePair[] = OUTSIDE.filter(exists);
  const take = (ldm: string, canonical: string): boolean => {
    if (!exists([ldm, canonical])) return false;
    pairs.push([ldm, canonical]);
    return true;
  };
  const takeResnet = (ldm: string, canonical: string): boolean => {
    if (!exists([`${ldm}.in_layers.0`, `${canonical}.norm1`])) return false;
    for (const [inner, name] of RESNET) take(`${ldm}.${inner}`, `${canonical}.${name}`);
    return true;
  };
  const takeAttention = (ldm: string, canonical: string): boolean => {
    if (!exists([`${ldm}.transformer_blocks`, `${canonical}.transformer_blocks`])) return false;
    pairs.push([ldm, canonical]);
    return true;
  };

  let n = 1; // input_blocks.0 is conv_in
  for (let level = 0; ; level++) {
    const block = `down_blocks.${level}`;
    for (let j = 0; takeResnet(`input_blocks.${n}.0`, `${block}.resnets.${j}`); j++, n++) {
      takeAttention(`input_blocks.${n}.1`, `${block}.attentions.${j}`);
    }
    if (!take(`input_blocks.${n}.0.op`, `${block}.downsamplers.0.conv`)) break;
    n++;
  }
  takeResnet("middle_block.0", "mid_block.resnets.0");
  takeAttention("middle_block.1", "mid_block.attentions.0");
  takeResnet("middle_block.2", "mid_block.resnets.1");
  n = 0;
  for (let level = 0; ; level++) {
    const block = `up_blocks.${level}`;
    let upsampled = false;
    for (let j = 0; !upsampled && takeResnet(`output_blocks.${n}.0`, `${block}.resnets.${j}`); j++, n++) {
      const attention = takeAttention(`output_blocks.${n}.1`, `${block}.attentions.${j}`);
      // LDM keeps the upsampler in the level's last block, which it thereby marks; diffusers has it beside the blocks,
      // where the last one is known by having no successor (a question no LDM name answers).
      const isLast = !exists([`output_blocks.${n}.never`, `${block}.resnets.${j + 1}.norm1`]);
      const upsampler: ModulePair = [`output_blocks.${n}.${attention ? 2 : 1}.conv`, `${block}.upsamplers.0.conv`];
      upsampled = isLast && take(...upsampler);
    }
    if (!upsampled) break;
  }
  return pairs;
}

/** A ControlNet's hint network, LDM and canonical. Its convolutions have even indices, with SiLU between them. */
const HINT_MODULES: readonly ModulePair[] = [
  ["input_hint_block.0", "controlnet_cond_embedding.conv_in"],
  ...[2, 4, 6, 8, 10, 12].map((place, i): ModulePair => [`input_hint_block.${place}`, `controlnet_cond_embedding.blocks.${i}`]),
  ["input_hint_block.14", "controlnet_cond_embedding.conv_out"],
];

/** A SparseCtrl's hint network: the whole of it is one module of the block. Source: Mikubill/sd-webui-controlnet `controlnet_sparsectrl.py`. */
const SPARSE_HINT_MODULES: readonly ModulePair[] = [["input_hint_block.0", "controlnet_cond_embedding"]];

/** Modules that only a ControlNet or SparseCtrl has, LDM and canonical. */
const CONTROL_MODULES: readonly ModulePair[] = [
  ...Array.from({ length: CONTROL_OUTPUTS }, (_, i): ModulePair => [`zero_convs.${i}.0`, `controlnet_down_blocks.${i}`]),
  ["middle_block_out.0", "controlnet_mid_block"],
];

/** Canonical names for the tensors of an LDM UNet, ControlNet or SparseCtrl, prefix already removed. Unknown names stay as they are. */
export function canonicalUnet(tensors: ReadonlyMap<string, TensorRef>): Map<string, TensorRef> {
  const paths = modulePaths(tensors.keys());
  const pairs = unetModules(([ldm]) => paths.has(ldm));
  const hint = paths.has("input_hint_block.14") ? HINT_MODULES : SPARSE_HINT_MODULES;
  return renameModules(tensors, [...pairs, ...hint, ...CONTROL_MODULES]);
}

/** Renames whole modules: `[a, b]` turns `a.x.weight` into `b.x.weight`. */
function renameModules(tensors: ReadonlyMap<string, TensorRef>, pairs: Iterable<ModulePair>): Map<string, TensorRef> {
  const names = new Map(pairs);
  const renamed = new Map<string, TensorRef>();
  for (const [key, ref] of tensors) {
    let name = key;
    for (let dot = key.indexOf("."); dot > 0; dot = key.indexOf(".", dot + 1)) {
      const canonical = names.get(key.slice(0, dot));
      if (canonical !== undefined) name = canonical + key.slice(dot);
    }
    renamed.set(name, ref);
  }
  return renamed;
}
