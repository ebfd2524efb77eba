/**
 * A machine for Python pickles of protocols 0 to 5 that executes nothing. Python's own runs whatever function a pickle names;
 * this one hands names and calls to its host, which knows a fixed list and builds plain data. There is no recursion, so depth costs
 * nothing, and no length is believed before the bytes are there. Source: CPython, Lib/pickle.py (`_Unpickler`).
 *
 * What comes out: null, booleans, numbers, bigints, strings, Uint8Arrays, arrays (lists and tuples), Maps (dicts), Sets, and whatever
 * the host makes. One object may be met many times, or inside itself: walk the result with care.
 */

import { OP } from "./opcodes.ts";
import { decimal, PickleInput } from "./pickle-input.ts";

export interface PickleHost {
  /** What `module.name` stands for; throws for names that are not allowed. */
  global(module: string, name: string): unknown;
  /** The result of calling what `global` returned; throws for everything else. */
  call(callee: unknown, args: readonly unknown[]): unknown;
  /** Gives an object that `call` returned its state. */
  build(object: unknown, state: unknown): void;
  /** What stands outside the pickle under this id: in PyTorch files, a storage. */
  persistent(id: unknown): unknown;
  /** Throws an error that says what is wrong with the pickle; completes "The file …". */
  refuse(problem: string): never;
}

/** A model of 2,000 tensors takes about 80,000. Each may make one object. */
const MOST_OPERATIONS = 2_000_000;

/**
 * Runs the pickle that begins at `begin`.
 * @returns its object, and where the next pickle begins
 * @throws PickleEnd when `bytes` end before the pickle does; otherwise what the host throws
 */
export function unpickle(bytes: Uint8Array, begin: number, host: PickleHost): { value: unknown; end: number } {
  const input = new PickleInput(bytes, begin);
  const machine = new Machine(input, host);
  for (let count = 0; count < MOST_OPERATIONS; count++) {
    const opcode = input.uint8();
    if (opcode === OP.STOP) return { value: machine.pop(), end: input.position };
    const operation = OPERATIONS[opcode] ?? host.refuse(`contains the unknown pickle opcode 0x${opcode.toString(16)}`);
    operation(machine, input);
  }
  return host.refuse(`takes more than ${MOST_OPERATIONS / 1e6} million steps to describe its contents`);
}

class Machine {
  readonly input: PickleInput;
  readonly host: PickleHost;
  readonly memo = new Map<number, unknown>();
  #stack: unknown[] = [];
  /** Stacks set aside by MARK, innermost last. */
  readonly #marked: unknown[][] = [];

  constructor(input: PickleInput, host: PickleHost) {
    this.input = input;
    this.host = host;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pop(): unknown {
    return this.#stack.length > 0 ? this.#stack.pop() : this.host.refuse("takes an object where there is none");
  }

  peek(): unknown {
    return this.#stack.length > 0 ? this.#stack.at(-1) : this.host.refuse("takes an object where there is none");
  }

  mark(): void {
    this.#marked.push(this.#stack);
    this.#stack = [];
  }

  /** Everything since the last mark. */
  popMark(): unknown[] {
    const items = this.#stack;
    this.#stack = this.#marked.pop() ?? this.host.refuse("ends a group that it did not begin");
    return items;
  }

  popTuple(length: number): void {
    const items = new Array<unknown>(length);
    for (let i = length - 1; i >= 0; i--) items[i] = this.pop();
    this.push(items);
  }

  put(index: number | bigint | null): void {
    if (typeof index !== "number" || index < 0) this.host.refuse("remembers an object under a number that is none");
    else this.memo.set(index, this.peek());
  }

  get(index: number | bigint | null): void {
    if (typeof index !== "number" || !this.memo.has(index)) this.host.refuse("recalls an object that it did not remember");
    else this.push(this.memo.get(index));
  }

  /** Lists grow; instances that the host does not look into swallow what they are given. */
  extend(items: readonly unknown[]): void {
    const target = this.peek();
    if (Array.isArray(target)) for (const item of items) target.push(item);
    else if (target instanceof Set) for (const item of items) target.add(item);
    else this.#mustBeObject(target);
  }

  /** @param items keys and values in turn */
  setItems(target: unknown, items: readonly unknown[]): void {
    if (items.length % 2 !== 0) this.host.refuse("sets a key without a value");
    if (target instanceof Map) for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
    else this.#mustBeObject(target);
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== "string" || typeof name !== "string") this.host.refuse("names a class by something that is not text");
    else this.push(this.host.global(module, name));
  }

  call(callee: unknown, args: unknown): void {
    if (!Array.isArray(args)) this.host.refuse("makes an object from arguments that are no tuple");
    else this.push(this.host.call(callee, args));
  }

  integer(length: number): void {
    if (length < 0) this.host.refuse("contains a number of negative length");
    this.push(this.input.integer(length) ?? this.#tooLong());
  }

  decimal(text: string): void {
    this.push(decimal(text) ?? this.#tooLong());
  }

  #tooLong(): never {
    return this.host.refuse("contains a number that cannot be read");
  }

  #mustBeObject(target: unknown): void {
    if (typeof target !== "object" || target === null) this.host.refuse("puts items into something that holds none");
  }
}

type Operation = (machine: Machine, input: PickleInput) => void;

const pushText =
  (length: (input: PickleInput) => number): Operation =>
  (m, input) =>
    m.push(input.text(length(input)));
const pushBytes =
  (length: (input: PickleInput) => number): Operation =>
  (m, input) =>
    m.push(input.bytes(length(input)));

const OPERATIONS: Readonly<Record<number, Operation>> = {
  [OP.PROTO]: (m, input) => {
    const protocol = input.uint8();
    if (protocol > 5) m.host.refuse(`is a pickle of protocol ${protocol}; 5 is the newest known`);
  },
  // A frame only says how many bytes may be read at once; they are opcodes like any others.
  [OP.FRAME]: (_m, input) => input.require(input.uint64()),

  [OP.NONE]: (m) => m.push(null),
  [OP.NEWTRUE]: (m) => m.push(true),
  [OP.NEWFALSE]: (m) => m.push(false),
  [OP.BININT]: (m, input) => m.push(input.int32()),
  [OP.BININT1]: (m, input) => m.push(input.uint8()),
  [OP.BININT2]: (m, input) => m.push(input.uint16()),
  [OP.LONG1]: (m, input) => m.integer(input.uint8()),
  [OP.LONG4]: (m, input) => m.integer(input.int32()),
  [OP.INT]: (m, input) => {
    const line = input.line();
    if (line === "00" || line === "01") m.push(line === "01");
    else m.decimal(line);
  },
  [OP.LONG]: (m, input) => m.decimal(input.line().replace(/L$/, "")),
  [OP.BINFLOAT]: (m, input) => m.push(input.float64()),
  [OP.FLOAT]: (m, input) => m.push(Number(input.line())),

  [OP.UNICODE]: (m, input) => m.push(unescapeUnicode(input.line())),
  [OP.BINUNICODE]: pushText((input) => input.uint32()),
  [OP.SHORT_BINUNICODE]: pushText((input) => input.uint8()),
  [OP.BINUNICODE8]: pushText((input) => input.uint64()),
  // Text of Python 2, whose bytes have no declared encoding.
  [OP.STRING]: (m, input) => m.push(unquote(input.line()) ?? m.host.refuse("contains text without quotes")),
  [OP.BINSTRING]: (m, input) => {
    const length = input.int32();
    m.push(length < 0 ? m.host.refuse("contains text of negative length") : input.latin1(length));
  },
  [OP.SHORT_BINSTRING]: (m, input) => m.push(input.latin1(input.uint8())),
  [OP.BINBYTES]: pushBytes((input) => input.uint32()),
  [OP.SHORT_BINBYTES]: pushBytes((input) => input.uint8()),
  [OP.BINBYTES8]: pushBytes((input) => input.uint64()),
  [OP.BYTEARRAY8]: pushBytes((input) => input.uint64()),

  [OP.MARK]: (m) => m.mark(),
  [OP.POP]: (m) => void m.pop(),
  [OP.POP_MARK]: (m) => void m.popMark(),
  [OP.DUP]: (m) => m.push(m.peek()),
  [OP.PUT]: (m, input) => m.put(decimal(input.line())),
  [OP.BINPUT]: (m, input) => m.put(input.uint8()),
  [OP.LONG_BINPUT]: (m, input) => m.put(input.uint32()),
  [OP.MEMOIZE]: (m) => m.put(m.memo.size),
  [OP.GET]: (m, input) => m.get(decimal(input.line())),
  [OP.BINGET]: (m, input) => m.get(input.uint8()),
  [OP.LONG_BINGET]: (m, input) => m.get(input.uint32()),

  [OP.EMPTY_TUPLE]: (m) => m.push([]),
  [OP.TUPLE]: (m) => m.push(m.popMark()),
  [OP.TUPLE1]: (m) => m.popTuple(1),
  [OP.TUPLE2]: (m) => m.popTuple(2),
  [OP.TUPLE3]: (m) => m.popTuple(3),
  [OP.EMPTY_LIST]: (m) => m.push([]),
  [OP.LIST]: (m) => m.push(m.popMark()),
  [OP.APPEND]: (m) => {
    const item = m.pop();
    m.extend([item]);
  },
  [OP.APPENDS]: (m) => {
    const items = m.popMark();
    m.extend(items);
  },
  [OP.EMPTY_DICT]: (m) => m.push(new Map()),
  [OP.DICT]: (m) => {
    const items = m.popMark();
    const dict = new Map();
    m.setItems(dict, items);
    m.push(dict);
  },
  [OP.SETITEM]: (m) => {
    const value = m.pop();
    const key = m.pop();
    m.setItems(m.peek(), [key, value]);
  },
  [OP.SETITEMS]: (m) => {
    const items = m.popMark();
    m.setItems(m.peek(), items);
  },
  [OP.EMPTY_SET]: (m) => m.push(new Set()),
  [OP.ADDITEMS]: (m) => {
    const items = m.popMark();
    m.extend(items);
  },
  [OP.FROZENSET]: (m) => m.push(new Set(m.popMark())),

  [OP.GLOBAL]: (m, input) => {
    const module = input.line();
    m.global(module, input.line());
  },
  [OP.STACK_GLOBAL]: (m) => {
    const name = m.pop();
    m.global(m.pop(), name);
  },
  [OP.REDUCE]: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  [OP.NEWOBJ]: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  [OP.NEWOBJ_EX]: (m) => {
    m.pop(); // keyword arguments
    const args = m.pop();
    m.call(m.pop(), args);
  },
  [OP.OBJ]: (m) => {
    const [callee, ...args] = m.popMark();
    m.call(callee, args);
  },
  [OP.INST]: (m, input) => {
    const module = input.line();
    m.global(module, input.line());
    const callee = m.pop();
    m.call(callee, m.popMark());
  },
  [OP.BUILD]: (m) => {
    const state = m.pop();
    m.host.build(m.peek(), state);
  },
  [OP.PERSID]: (m, input) => m.push(m.host.persistent(input.line())),
  [OP.BINPERSID]: (m) => m.push(m.host.persistent(m.pop())),
};

/** Protocol 0 writes text with \uXXXX for what is not Latin-1. */
function unescapeUnicode(line: string): string {
  return line.replace(/\\u([0-9a-f]{4})/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"' };

/** A Python string literal as protocol 0 writes it; null when it is none. */
function unquote(line: string): string | null {
  const literal = /^(['"])(.*)\1$/.exec(line.trim())?.[2];
  if (literal === undefined) return null;
  return literal.replace(/\\(?:x([0-9a-f]{2})|(.))/gi, (whole, code?: string, letter?: string) =>
    code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : (ESCAPES[letter!] ?? whole),
  );
}
