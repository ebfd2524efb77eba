/** Open sessions: the most recently used stay warm within a memory budget, and those of one phase stay open together. */

import type { Graph } from "../../graph/graph.ts";
import type { ShardLayout } from "../../graph/shard-layout.ts";
import { ALWAYS_TRUE } from "../../graph/subgraphs.ts";
import { storedTensors } from "../../graph/weight-use.ts";
import type { Backend, HostTensor, Session } from "./backend.ts";
import { layoutOf } from "./packed-part.ts";
import type { SideBranch } from "./part.ts";
import type { Plan } from "./plans/plan.ts";
import { parseShardName } from "./shard-names.ts";

interface WarmSession {
  readonly session: Session;
  /** Of its weights. */
  readonly bytes: number;
  /** Names of the graph's inputs. */
  readonly inputs: readonly string[];
  /** Keys of the parts that its weights come from. */
  readonly partKeys: ReadonlySet<string>;
}

export class SessionCache {
  readonly #backend: Pick<Backend, "createSession">;
  readonly #budgetBytes: number;
  /** Least recently used first. */
  readonly #sessions = new Map<string, WarmSession>();
  /** Keys of the sessions that the present phase has asked for. */
  readonly #needed = new Set<string>();

  /** @param budgetBytes weights that sessions may keep in memory together; a phase may exceed it with sessions it needs at once */
  constructor(backend: Pick<Backend, "createSession">, budgetBytes: number) {
    this.#backend = backend;
    this.#budgetBytes = budgetBytes;
  }

  /** From here on earlier sessions may be freed for others; those asked for from now on stay until the next call. */
  beginPhase(): void {
    this.#needed.clear();
  }

  /** A session for the plan, warm or new. Shards that it needs must have been packed. */
  async session(plan: Plan): Promise<Session> {
    const branches = plan.sideBranches ?? [];
    const { session, inputs } = await this.#open(plan, [plan.key, ...branches.map(({ layers }) => layers)].join("|"));
    const opened = branches.length === 0 ? session : await withSideBranches(session, inputs, branches);
    return plan.partial === true ? takingOnly(inputs, opened) : opened;
  }

  /** Frees the sessions that were made of parts with these keys. */
  async close(partKeys: ReadonlySet<string>): Promise<void> {
    for (const [key, { session, partKeys: own }] of this.#sessions) {
      if (![...own].some((part) => partKeys.has(part))) continue;
      this.#sessions.delete(key);
      // A lost or full device may refuse; its sessions are given up all the same.
      await session.release().catch(() => undefined);
    }
  }

  async release(): Promise<void> {
    for (const { session } of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  async #open(plan: Plan, key: string): Promise<WarmSession> {
    const brief = plan.brief ?? false;
    this.#needed.add(key);
    const warm = this.#sessions.get(key);
    if (warm !== undefined) {
      this.#sessions.delete(key);
      this.#sessions.set(key, warm);
      if (!brief) await this.#makeRoom(0);
      return warm;
    }
    const layout = layoutOf(plan.parts());
    const graph = plan.build();
    const { shards, bytes } = used(graph, layout);
    await this.#makeRoom(brief ? 0 : bytes);
    const created = await this.#backend.createSession(graph.encode(layout), shards);
    const session = graph.inputs.some(({ name }) => name === ALWAYS_TRUE) ? alwaysTrue(created) : created;
    const partKeys = new Set(shards.flatMap((name) => parseShardName(name)?.partKey ?? []));
    const opened = { session, bytes, inputs: graph.inputs.map(({ name }) => name), partKeys };
    this.#sessions.set(key, opened);
    return opened;
  }

  async #makeRoom(bytes: number): Promise<void> {
    let used = [...this.#sessions.values()].reduce((sum, s) => sum + s.bytes, 0);
    for (const [key, oldest] of this.#sessions) {
      if (used + bytes <= this.#budgetBytes) return;
      if (this.#needed.has(key)) continue;
      this.#sessions.delete(key);
      await oldest.session.release();
      used -= oldest.bytes;
    }
  }
}

/** The shards that a graph reads, and the bytes that it reads of them. */
function used({ weights }: Graph, layout: ShardLayout): { readonly shards: readonly string[]; readonly bytes: number } {
  const tensors = weights.flatMap(storedTensors).map(({ name }) => layout.locate(name));
  return {
    shards: [...new Set(tensors.map(({ location }) => location))],
    bytes: tensors.reduce((sum, { length }) => sum + length, 0),
  };
}

function takingOnly(names: readonly string[], session: Session): Session {
  const taken = new Set(names);
  return {
    run: (inputs) => session.run(Object.fromEntries(Object.entries(inputs).filter(([name]) => taken.has(name)))),
    release: () => session.release(),
  };
}

/** Feeds the condition under which graphs keep their pieces apart. */
function alwaysTrue(session: Session): Session {
  const condition = { [ALWAYS_TRUE]: { type: "bool", shape: [], data: Uint8Array.of(1) } } as const;
  return { run: (inputs) => session.run({ ...inputs, ...condition }), release: () => session.release() };
}

/** Feeds every run the low-rank changes that the graph has inputs for. */
async function withSideBranches(session: Session, inputs: readonly string[], branches: readonly SideBranch[]): Promise<Session> {
  const taken = new Set(inputs);
  const changes: Record<string, HostTensor> = {};
  for (const tensors of await Promise.all(branches.map((branch) => branch.read()))) {
    for (const [name, tensor] of Object.entries(tensors)) if (taken.has(name)) changes[name] = tensor;
  }
  return { run: (own) => session.run({ ...own, ...changes }), release: () => session.release() };
}
