import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { type ByteSource, bufferSource } from "../byte-source.ts";
import { openTorch } from "./reader.ts";
import {
  archive,
  bytes,
  dictOf,
  global,
  integer,
  legacy,
  PROTOCOL_2,
  PROTOCOL_4,
  type TensorToBuild,
  tensor,
  text,
  tuple,
  uint32,
  uint64,
} from "./testing/archive.ts";

const NAME = "thing.ckpt";

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`testing/fixtures/${name}`, import.meta.url)));
}

const EXPECTED = JSON.parse(new TextDecoder().decode(fixture("expected.json"))) as Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
>;

const open = (file: Uint8Array) => openTorch(bufferSource(file, NAME));

test.each(["zip.pt", "zip-protocol-5.pt", "legacy.pt"])(
  "%s, written by torch.save: every tensor has PyTorch's shape and numbers, and the trainer's records are left out",
  async (name) => {
    const file = await open(fixture(name));
    const old = (key: string) => !/float8|uint16/.test(key);
    const keys = Object.keys(EXPECTED).filter((key) => name !== "legacy.pt" || old(key));
    expect([...file.tensors.keys()]).toEqual(keys);
    for (const key of keys) {
      const { shape, values } = EXPECTED[key]!;
      expect(file.tensors.get(key)!.shape, key).toEqual(shape);
      expect([...(await file.readFloat32(key))], key).toEqual(values);
      const third = { begin: Math.floor(values.length / 3), end: Math.ceil((2 * values.length) / 3) };
      expect([...(await file.readFloat32(key, third))], key).toEqual(values.slice(third.begin, third.end));
    }
    expect(file.metadata).toMatchObject({ epoch: "3", name: "a fixture" });
  },
);

test("an A1111 embedding keeps its name, and its ParameterDict is looked into", async () => {
  const file = await open(fixture("embedding.pt"));
  expect([...file.tensors.values()]).toEqual([{ name: "string_to_param.*", dtype: "F32", shape: [2, 3] }]);
  expect(file.metadata).toEqual({ name: "kit", step: "7" });
});

test("the two dicts of an IP-Adapter become the first part of their tensors' names", async () => {
  const file = await open(fixture("ip-adapter.bin"));
  expect([...file.tensors.keys()]).toEqual(["image_proj.proj.weight", "ip_adapter.1.to_k_ip.weight"]);
});

test("a class of the trainer may be a key of a dict, but not be called", async () => {
  const callback = global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint");
  const asKey = bytes(
    PROTOCOL_2,
    "}(",
    text("callbacks"),
    "}",
    callback,
    "Ns",
    text("state_dict"),
    "}",
    text("w"),
    tensor(),
    "su.",
  );
  expect([...(await open(archive(asKey))).tensors.keys()]).toEqual(["w"]);
  expect((await refusal(archive(dictOf("w", bytes(callback, ")R"))))).code).toBe("torch/forbidden");
});

test("opening reads the directory and the pickle, and no tensor", async () => {
  const records = { "data/0": new Uint8Array(4_000_000) };
  const file = archive(dictOf("w", tensor({ length: 1_000_000, size: [1000, 1000], stride: [1000, 1] })), records);
  let read = 0;
  const counting: ByteSource = {
    name: NAME,
    size: file.byteLength,
    read: async (offset, length) => {
      read += length;
      return file.slice(offset, offset + length);
    },
  };
  const opened = await openTorch(counting);
  expect(read).toBeLessThan(70_000);
  read = 0;
  await opened.readBytes("w", { begin: 2000, end: 3000 });
  expect(read).toBeLessThan(4100);
});

test("a view wider than a read's limit is gathered in pieces", async () => {
  const [rows, columns] = [5000, 1200];
  const values = Float32Array.from({ length: rows * columns }, (_, i) => i);
  const records = { "data/0": new Uint8Array(values.buffer) };
  const file = await open(
    archive(dictOf("w", tensor({ length: values.length, size: [columns, rows], stride: [1, columns] })), records),
  );
  const transposed = await file.readFloat32("w");
  const wrong = transposed.findIndex((value, i) => value !== (i % rows) * columns + Math.floor(i / rows));
  expect(wrong).toBe(-1);
});

async function refusal(file: Uint8Array): Promise<{ code: string; message: string }> {
  const error = await open(file)
    .then(async (opened) => {
      for (const name of opened.tensors.keys()) await opened.readBytes(name);
      return null;
    })
    .catch((thrown) => thrown);
  expect(error?.name).toBe("ZoetropeError");
  expect(error.message).toContain(NAME);
  expect(error.message).not.toContain("\n");
  return error;
}

const RUN = (module: string, name: string) => bytes(global(module, name), tuple(text("touch /tmp/x")), "R");

test.each<[string, Uint8Array, string]>([
  ["a call", archive(dictOf("w", RUN("os", "system"))), "os.system"],
  ["a call in an old file", legacy(dictOf("w", RUN("posix", "system")), {}), "posix.system"],
  ["a call in a bare pickle", dictOf("w", RUN("posix", "system")), "posix.system"],
  ["Python 2's eval", archive(dictOf("w", RUN("__builtin__", "eval"))), "__builtin__.eval"],
  [
    "a call through the memo",
    archive(bytes(PROTOCOL_2, global("os", "system"), "q", 0, "0}", text("w"), "h", 0, ")Rs.")),
    "os.system",
  ],
  ["STACK_GLOBAL", archive(bytes(PROTOCOL_4, "}", text("w"), text("os"), text("system"), 0x93, ")Rs.")), "os.system"],
  [
    "a dotted name",
    archive(bytes(PROTOCOL_4, "}", text("w"), text("torch._utils"), text("sys.modules"), 0x93, "s.")),
    "torch._utils.sys.modules",
  ],
  ["INST", archive(dictOf("w", bytes("(", text("x"), "ios\nsystem\n"))), "os.system"],
  ["OBJ", archive(dictOf("w", bytes("(", global("os", "system"), text("x"), "o"))), "os.system"],
  ["NEWOBJ", archive(dictOf("w", bytes(global("subprocess", "Popen"), ")", 0x81))), "subprocess.Popen"],
  [
    "a name in an object's state",
    archive(dictOf("w", bytes(global("collections", "OrderedDict"), ")R}", text("a"), global("os", "system"), "sb"))),
    "os.system",
  ],
  ["a loader inside PyTorch", archive(dictOf("w", RUN("torch.storage", "_load_from_bytes"))), "torch.storage._load_from_bytes"],
  ["a tensor first", archive(bytes(PROTOCOL_2, "}(", text("w"), tensor(), text("x"), RUN("os", "system"), "u.")), "os.system"],
  [
    "a call inside a numpy array",
    archive(dictOf("w", bytes(global("numpy.core.multiarray", "_reconstruct"), ")R](", RUN("os", "system"), "eb"))),
    "os.system",
  ],
  ["a class that is no function", archive(dictOf("w", RUN("torch", "float16"))), "torch.float16"],
  ["a name with a line feed", archive(bytes(PROTOCOL_4, "}", text("w"), text("o\ns"), text("system"), 0x93, "s.")), "o?s.system"],
])("%s is refused by name", async (_what, file, name) => {
  const { code, message } = await refusal(file);
  expect(code).toBe("torch/forbidden");
  expect(message).toBe(`${NAME} asks to run ${name}: not opened.`);
});

const broken = (built: TensorToBuild) => archive(dictOf("w", tensor(built)));
const changed = (file: Uint8Array, at: number, ...values: number[]) => {
  const copy = file.slice();
  copy.set(values, at);
  return copy;
};
const good = broken({});
const endRecord = good.byteLength - 22;

test.each<[string, Uint8Array, RegExp]>([
  [
    "a tensor larger than its storage",
    broken({ size: [100, 100], stride: [100, 1] }),
    /fewer numbers than the shape needs of "w"/,
  ],
  ["a storage larger than its record", broken({ length: 10_000, size: [10_000] }), /fewer numbers than it announces for "w"/],
  ["an offset past the end", broken({ offset: 15, size: [4] }), /fewer numbers than the shape needs/],
  ["a negative offset", broken({ offset: -4, size: [4] }), /outside of its storage/],
  ["a negative stride", broken({ offset: 3, size: [4], stride: [-1] }), /not lists of sizes/],
  ["a negative size", broken({ size: [-16] }), /not lists of sizes/],
  [
    "a shape beyond all numbers",
    broken({ size: [2 ** 40, 2 ** 40], stride: [2 ** 40, 1] }),
    /fewer numbers than the shape needs/,
  ],
  [
    "a value repeated 2^40 times",
    broken({ length: 1, size: [2 ** 20, 2 ** 20], stride: [0, 0] }),
    /repeats a few numbers without measure in "w"/,
  ],
  ["2,000 dimensions", broken({ size: new Array(2000).fill(1), stride: new Array(2000).fill(1) }), /2000 dimensions/],
  ["a missing storage", broken({ key: "7" }), /lacks the numbers of "w"/],
  ["a storage outside of the archive", broken({ key: "../../../../../../etc/passwd" }), /lacks the numbers of "w"/],
  ["an id that is a number", archive(dictOf("w", bytes("K", 5, "Q"))), /names a storage/],
  ["text of 4 GiB", archive(bytes(PROTOCOL_2, "X", uint32(0xffffffff), "aaaa")), /ends too early/],
  ["text of 2^62 bytes", archive(bytes(PROTOCOL_4, 0x8d, uint64(2n ** 62n), "a.")), /ends too early/],
  ["a frame of 2^50 bytes", archive(bytes(PROTOCOL_4, 0x95, uint64(2n ** 50n), "}.")), /ends too early/],
  ["a number of 2 GiB", archive(bytes(PROTOCOL_2, 0x8b, uint32(0x7fffffff), "a.")), /ends too early/],
  ["a number of negative length", archive(bytes(PROTOCOL_2, 0x8b, uint32(0xffffffff), "a.")), /negative length/],
  ["no end", archive(dictOf("w", tensor()).slice(0, -1)), /ends too early/],
  ["an empty stack", archive(bytes(PROTOCOL_2, "0.")), /takes an object where there is none/],
  ["a registered extension", archive(bytes(PROTOCOL_2, 0x82, 1, ".")), /unknown pickle opcode 0x82/],
  ["a directory outside of the file", changed(good, endRecord + 12, 0xff, 0xff, 0xff, 0x7f), /beyond its end/],
  ["60,000 records", changed(good, endRecord + 8, 0x60, 0xea, 0x60, 0xea), /lists fewer records/],
  [
    "an old file with a storage of another length",
    changed(
      legacy(dictOf("w", tensor()), { 0: new Float32Array(16) }),
      legacy(dictOf("w", tensor()), { 0: new Float32Array(16) }).byteLength - 72,
      15,
    ),
    /contradicts itself/,
  ],
])("%s is refused as damaged", async (_what, file, sentence) => {
  const { code, message } = await refusal(file);
  expect(code).toBe("torch/damaged");
  expect(message).toMatch(sentence);
});

const compressed = zipSync({
  "archive/data.pkl": [dictOf("w", tensor()), { level: 0 }],
  "archive/data/0": new Uint8Array(1 << 20),
});

test.each<[string, Uint8Array, RegExp]>([
  ["unsupported", archive(dictOf("w", tensor()), { byteorder: new TextEncoder().encode("big") }), /big-endian/],
  ["unsupported", legacy(dictOf("w", tensor()), { 0: new Float32Array(16) }, false), /big-endian/],
  ["unsupported", compressed, /compressed archive/],
  ["unsupported", zipSync({ "readme.txt": new Uint8Array(5) }, { level: 0 }), /without a PyTorch model/],
  [
    "unsupported",
    archive(dictOf("w", RUN("__torch__", "N")), { "constants.pkl": new Uint8Array(4) }),
    /is a TorchScript program/,
  ],
  ["unsupported", archive(bytes(PROTOCOL_2, "}M", 0, 3, "](", "}", text("w"), tensor(), "s", "es.")), /is a hypernetwork/],
  ["cut-short", good.slice(0, good.byteLength / 2), /cut short/],
  ["unsupported", bytes(PROTOCOL_2, "}."), /PyTorch did not write/],
  ["cut-short", legacy(dictOf("w", tensor()), { 0: new Float32Array(16) }).slice(0, -9), /9 B of \d+ B are missing/],
  ["no-tensors", archive(bytes(PROTOCOL_2, "]q", 0, "h", 0, "a.")), /without any tensors/],
  ["no-tensors", archive(bytes(PROTOCOL_2, "}q", 0, text("state_dict"), "h", 0, "s.")), /without any tensors/],
  ["no-tensors", archive(bytes(PROTOCOL_2, "]r", uint32(0x7fffffff), ".")), /without any tensors/],
])("a file is refused as torch/%s", async (code, file, sentence) => {
  const error = await refusal(file);
  expect(error.code).toBe(`torch/${code}`);
  expect(error.message).toMatch(sentence);
});

test("100,000 nested lists and 100 doublings through the memo are walked by nobody", async () => {
  const lists = bytes(PROTOCOL_2, "]".repeat(100_000), "a".repeat(99_999), ".");
  expect((await refusal(archive(lists))).code).toBe("torch/no-tensors");
  const doublings = Array.from({ length: 100 }, (_, i) => bytes("q", i, "h", i, 0x86));
  expect((await refusal(archive(dictOf("w", bytes("K", 1, ...doublings))))).code).toBe("torch/no-tensors");
});

test("protocol 0 is read, too", async () => {
  const pickle = "(dp0\nS'it\\'s'\np1\nI01\nsVa\\u00e9\np2\nL12345678901234567890L\nsS'f'\nF1.5\nsS'w'\n";
  const file = await open(archive(bytes(pickle, tensor({ size: [2], offset: 1 }), "s.")));
  expect([...file.tensors.keys()]).toEqual(["w"]);
  expect(file.metadata).toEqual({ "it's": "true", f: "1.5" });
});

test("a storage inside of another, as PyTorch wrote before 0.4, begins where it says", async () => {
  const view = tuple(text("1"), integer(4), integer(8));
  const storage = bytes(tuple(text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), integer(16), view), "Q");
  const pickle = bytes(
    global("torch._utils", "_rebuild_tensor"),
    tuple(storage, integer(1), tuple(integer(3)), tuple(integer(1))),
    "R",
  );
  const file = await open(legacy(dictOf("w", pickle), { 0: Float32Array.from({ length: 16 }, (_, i) => i) }));
  expect([...(await file.readFloat32("w"))]).toEqual([5, 6, 7]);
});
