/**
 * The names a pickled model may contain, and what is built for each. The list is fixed: whatever is not on it is refused by name,
 * because Python would run it. Nothing here runs anything; classes whose contents no model needs become empty `Instance`s.
 * Source: PyTorch, torch/_weights_only_unpickler.py (its allowed globals) and torch/_utils.py (the `_rebuild_…` functions).
 */

import type { Dtype } from "../dtype.ts";
import { quotable } from "./refuse.ts";
import { StorageRef, TensorView } from "./tensor-view.ts";

/** A class or function that a pickle names. `call` is null where it may stand as a value and nothing more. */
export class Global {
  readonly name: string;
  readonly call: Call | null;

  constructor(name: string, call: Call | null) {
    this.name = name;
    this.call = call;
  }
}

/** An object of a class that is known to be harmless and not looked into, except for its state. */
export class Instance {
  readonly className: string;
  state: unknown = null;

  constructor(className: string) {
    this.className = className;
  }
}

/** @param refuse throws; completes "The file …" */
type Call = (args: readonly unknown[], refuse: (problem: string) => never) => unknown;

/** Number types of storages: `torch.HalfStorage`. */
const STORAGES: Readonly<Record<string, Dtype>> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

/** Number types by PyTorch's names; null: not read here, but allowed to be named. */
const DTYPES: Readonly<Record<string, Dtype | null>> = {
  float64: "F64",
  double: "F64",
  float32: "F32",
  float: "F32",
  float16: "F16",
  half: "F16",
  bfloat16: "BF16",
  float8_e4m3fn: "F8_E4M3",
  float8_e5m2: "F8_E5M2",
  float8_e4m3fnuz: null,
  float8_e5m2fnuz: null,
  int64: "I64",
  long: "I64",
  int32: "I32",
  int: "I32",
  int16: "I16",
  short: "I16",
  int8: "I8",
  uint64: "U64",
  uint32: "U32",
  uint16: "U16",
  uint8: "U8",
  bool: "BOOL",
  complex64: null,
  complex128: null,
};

const MOST_DIMENSIONS = 64;

const makeDict: Call = ([entries], refuse) => {
  const dict = new Map<unknown, unknown>();
  if (entries instanceof Map) for (const [key, value] of entries) dict.set(key, value);
  else if (Array.isArray(entries)) {
    for (const pair of entries) {
      if (!Array.isArray(pair) || pair.length !== 2) refuse("makes a dict from something that is not pairs");
      dict.set(pair[0], pair[1]);
    }
  }
  return dict;
};

/** (storage, offset, size, stride, …) */
const rebuildTensor: Call = ([storage, offset, size, stride], refuse) => {
  if (!(storage instanceof StorageRef) || storage.dtype === null) return refuse("makes a tensor without a storage of numbers");
  return tensorOf(storage, storage.dtype, offset, size, stride, refuse);
};

/** (storage, offset, size, stride, requires_grad, backward_hooks, dtype, …) */
const rebuildTensorOfDtype: Call = ([storage, offset, size, stride, , , type], refuse) => {
  if (!(storage instanceof StorageRef)) return refuse("makes a tensor without a storage");
  const dtype = type instanceof Global ? DTYPES[type.name.replace(/^torch\./, "")] : undefined;
  return tensorOf(
    storage,
    dtype ?? refuse("makes a tensor of a number type that is not read here"),
    offset,
    size,
    stride,
    refuse,
  );
};

/** (tensor, …) */
const rebuildParameter: Call = ([data], refuse) => (data instanceof TensorView ? data : refuse("makes a parameter of no tensor"));

/** (function, class, its arguments, …): a tensor that carries attributes or has a class of its own. */
const rebuildFromType: Call = ([callee, , args], refuse) =>
  callee instanceof Global && TENSOR_FUNCTIONS.has(callee.name) && Array.isArray(args)
    ? callee.call!(args, refuse)
    : refuse("makes a tensor by something that makes none");

/** (class, base, state): how protocols 0 and 1 make objects. */
const reconstruct: Call = ([type], refuse) =>
  type instanceof Global && type.call !== null ? type.call([], refuse) : refuse("makes an object of a class that cannot be made");

function tensorOf(
  storage: StorageRef,
  dtype: Dtype,
  offset: unknown,
  size: unknown,
  stride: unknown,
  refuse: (problem: string) => never,
): TensorView {
  if (!isCount(offset)) return refuse("places a tensor outside of its storage");
  if (!isCounts(size) || !isCounts(stride) || size.length !== stride.length)
    return refuse("gives a tensor a shape or strides that are not lists of sizes");
  if (size.length > MOST_DIMENSIONS) return refuse(`gives a tensor ${size.length} dimensions`);
  return new TensorView(storage, dtype, storage.offset + offset, size, stride);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

const TENSOR_FUNCTIONS: ReadonlyMap<string, Call> = new Map([
  ["torch._utils._rebuild_tensor", rebuildTensor],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_tensor_v3", rebuildTensorOfDtype],
  ["torch._utils._rebuild_parameter", rebuildParameter],
  ["torch._utils._rebuild_parameter_with_state", rebuildParameter],
]);

/** Classes whose instances are made and not looked into: numpy's scalars, sets, settings and paths that trainers write. */
const INSTANCES = [
  "torch.Size",
  "torch.device",
  "torch.serialization._get_layout",
  "torch.nn.modules.container.ParameterDict",
  "torch.nn.modules.container.ParameterList",
  "numpy.dtype",
  "numpy.ndarray",
  ...["numpy.core.multiarray", "numpy._core.multiarray"].flatMap((module) => [`${module}.scalar`, `${module}._reconstruct`]),
  "numpy.core.numeric._frombuffer",
  "numpy._core.numeric._frombuffer",
  "_codecs.encode",
  ...["builtins", "__builtin__"].flatMap((module) =>
    [
      "set",
      "frozenset",
      "list",
      "tuple",
      "int",
      "float",
      "complex",
      "long",
      "bool",
      "str",
      "unicode",
      "bytes",
      "bytearray",
      "slice",
      "object",
    ].map((name) => `${module}.${name}`),
  ),
  "collections.Counter",
  "collections.deque",
  "argparse.Namespace",
  "easydict.EasyDict",
  "datetime.datetime",
  "datetime.timedelta",
  ...["Path", "PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"].flatMap((name) => [
    `pathlib.${name}`,
    `pathlib._local.${name}`,
  ]),
  "omegaconf.dictconfig.DictConfig",
  "omegaconf.listconfig.ListConfig",
  "omegaconf.base.Metadata",
  "omegaconf.base.ContainerMetadata",
  "omegaconf.nodes.AnyNode",
];

/** Names that may stand as values or keys and are never called. */
const VALUES = [
  "torch.Tensor",
  "torch.nn.parameter.Parameter",
  "torch.nn.parameter.Buffer",
  "torch.storage.UntypedStorage",
  "torch.UntypedStorage",
  "torch.strided",
  "torch.contiguous_format",
  "torch.preserve_format",
  "typing.Any",
  ...Object.keys(STORAGES).map((name) => `torch.${name}`),
  ...Object.keys(DTYPES).map((name) => `torch.${name}`),
];

/** Callbacks of the trainer that made SD 1.x: some checkpoints have their classes as keys of a dict. */
const TRAINER_CLASS = /^(pytorch_lightning|lightning)(\.[a-z_]+)*\.[A-Z][A-Za-z]*$/;

const ALLOWED: ReadonlyMap<string, Call | null> = new Map<string, Call | null>([
  ...VALUES.map((name) => [name, null] as const),
  ...INSTANCES.map((name) => [name, () => new Instance(name)] as const),
  ...TENSOR_FUNCTIONS,
  ["torch._tensor._rebuild_from_type_v2", rebuildFromType],
  ["collections.OrderedDict", makeDict],
  ["collections.defaultdict", ([, entries], refuse) => makeDict([entries], refuse)],
  ["builtins.dict", makeDict],
  ["__builtin__.dict", makeDict],
  ["copyreg._reconstructor", reconstruct],
  ["copy_reg._reconstructor", reconstruct],
]);

/** null for a name that is not allowed. */
export function findGlobal(module: string, name: string): Global | null {
  // A dotted name would climb from an allowed module into others.
  if (name.includes(".")) return null;
  const path = `${module}.${name}`;
  const call = ALLOWED.get(path);
  if (call !== undefined) return new Global(path, call);
  return TRAINER_CLASS.test(path) ? new Global(path, null) : null;
}

/**
 * The storage that a persistent id names: ("storage", class, key, location, length), and in old files a sixth part, null or
 * (key, offset, length) of a view on it. null when it is none.
 */
export function storageOf(id: unknown): StorageRef | null {
  if (!Array.isArray(id) || (id.length !== 5 && id.length !== 6)) return null;
  const [tag, type, key, , length, view] = id;
  if (tag !== "storage" || !(type instanceof Global) || typeof key !== "string" || !isCount(length)) return null;
  const name = type.name.replace(/^torch\.(storage\.)?/, "");
  const dtype = name === "UntypedStorage" ? null : STORAGES[name];
  if (dtype === undefined) return null;
  if (view === undefined || view === null) return new StorageRef(key, dtype, length);
  const [, offset, viewLength] = Array.isArray(view) ? view : [];
  return isCount(offset) && isCount(viewLength) && offset + viewLength <= length
    ? new StorageRef(key, dtype, length, offset)
    : null;
}

/** What is said of a name that is not allowed, or not allowed to be called. */
export function forbiddenText(path: string): { message: string; hint: string } {
  return {
    message: `asks to run ${quotable(path)}: not opened.`,
    hint: "A model needs nothing of the kind, and most other tools would run it. Take the model from a source you trust, as .safetensors if there is one.",
  };
}
