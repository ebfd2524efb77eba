/** Opens files of torch.save (.ckpt, .pt, .pth, .bin) as named tensors, without Python and without running anything. */

import { ZoetropeError } from "../../core/errors.ts";
import { type ByteSource, readExactly } from "../byte-source.ts";
import { DTYPE_BYTES, toFloat32 } from "../dtype.ts";
import type { ElementRange, TensorFile, TensorInfo } from "../tensor-file.ts";
import { openLegacyContainer } from "./legacy-container.ts";
import { quotable, refuseDamaged, refuseUnsupported } from "./refuse.ts";
import { findStateDict, isHypernetwork } from "./state-dict.ts";
import { elementCount, reach, readView, type TensorView } from "./tensor-view.ts";
import type { OpenedPickle } from "./torch-pickle.ts";
import { openZipContainer } from "./zip-container.ts";

/** A tensor may repeat its storage (strides of 0), but may not take more memory than this many times the file. */
const MOST_EXPANSION = 2;

/**
 * Reads the description of the contents, checks every tensor of the state dict against the file, and reads none.
 * @param head the first bytes of the file (at least 4), where the caller has read them already
 * @throws ZoetropeError `torch/forbidden` for a file that asks to run something, else `torch/…`, saying what is wrong with it
 */
export async function openTorch(source: ByteSource, head?: Uint8Array): Promise<TensorFile> {
  const begun = head ?? (await readExactly(source, 0, Math.min(source.size, 4)));
  const isZip = begun[0] === 0x50 && begun[1] === 0x4b;
  const opened = isZip ? await openZipContainer(source) : await openLegacyContainer(source);
  const { tensors: views, metadata } = findStateDict(opened.root);
  if (views.size === 0 && isHypernetwork(opened.root)) {
    refuseUnsupported(
      source.name,
      "is a hypernetwork, which Zoetrope does not use",
      "Choose a LoRA for SD 1.5 of the same subject.",
    );
  }
  if (views.size === 0) {
    throw new ZoetropeError("torch/no-tensors", {
      message: `${source.name} is a PyTorch file without any tensors in it.`,
      hint: "Choose the file with the model's weights.",
    });
  }
  const tensors = new Map<string, TensorInfo>();
  for (const [name, view] of views) {
    checkView(name, view, opened, source);
    tensors.set(name, { name, dtype: view.dtype, shape: view.shape });
  }
  const viewOf = (name: string): TensorView => {
    const view = views.get(name);
    if (view !== undefined) return view;
    throw new ZoetropeError("weights/missing", {
      message: `${source.name} has no tensor named "${name}".`,
      hint: "The file is incomplete or belongs to another kind of model.",
    });
  };
  const readBytes = async (name: string, range?: ElementRange) => {
    const view = viewOf(name);
    if (range !== undefined) checkRange(name, view, range, source.name);
    return readView(view, (offset, length) => opened.readStorage(view.storage.key, offset, length), range);
  };
  return {
    name: source.name,
    metadata,
    tensors,
    readBytes,
    readFloat32: async (name, range) => toFloat32(await readBytes(name, range), viewOf(name).dtype),
  };
}

/** Makes sure that the tensor lies within its storage, the storage within its record, and that reading it cannot exhaust memory. */
function checkView(name: string, view: TensorView, opened: OpenedPickle, source: ByteSource): void {
  const { storage, dtype, shape } = view;
  const stored = opened.storageBytes(storage.key);
  const problems: readonly (readonly [boolean, string])[] = [
    [stored === null, "lacks the numbers of"],
    [storage.bytes > (stored ?? 0), "holds fewer numbers than it announces for"],
    [reach(view) * DTYPE_BYTES[dtype] > storage.bytes, "holds fewer numbers than the shape needs of"],
    [elementCount(shape) * DTYPE_BYTES[dtype] > MOST_EXPANSION * source.size, "repeats a few numbers without measure in"],
  ];
  const problem = problems.find(([applies]) => applies)?.[1];
  if (problem !== undefined) refuseDamaged(source.name, `${problem} "${quotable(name)}"`);
}

function checkRange(name: string, view: TensorView, { begin, end }: ElementRange, fileName: string): void {
  if (begin >= 0 && begin <= end && end <= elementCount(view.shape)) return;
  throw new ZoetropeError("torch/slice", { message: `${fileName}: elements ${begin} to ${end} are outside "${name}".` });
}
