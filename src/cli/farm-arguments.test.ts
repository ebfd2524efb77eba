import { expect, it } from "vitest";
import {
  parseCancelArguments,
  parseFetchArguments,
  parseSubmitArguments,
  parseWatchArguments,
  parseWorkArguments,
} from "./farm-arguments.ts";
import { parseServeArguments } from "./serve.ts";

const QUEUE = ["--queue", "redis://cellar:6379"];
const ID = `${"0".repeat(64)}.gif`;

it("a worker needs a queue and a place for clips, and takes a lost job over after 30 seconds", () => {
  expect(parseWorkArguments([...QUEUE, "--results", "clips", "--no-cache"])).toEqual({
    ...{ queue: "redis://cellar:6379", results: "clips", models: null, takeoverMs: 30_000, boardPort: null, json: false },
    device: { backend: "cpu", threads: 0, cache: null },
  });
  expect(() => parseWorkArguments(QUEUE)).toThrow("--results is missing");
  expect(() => parseWorkArguments([...QUEUE, "--results", "clips", "--takeover", "0"])).toThrow("at least 1 second");
});

it("submit takes the options of a batch around its own", () => {
  const { queue, results, batch } = parseSubmitArguments([
    "jobs.jsonl",
    "--steps",
    "4",
    ...QUEUE,
    "--results=clips",
    "--grid",
    "seed=1,2",
  ]);
  expect({ queue, results, lists: batch.lists, shared: batch.shared }).toEqual({
    ...{ queue: "redis://cellar:6379", results: "clips", lists: ["jobs.jsonl"], shared: { steps: 4 } },
  });
  expect(batch.grid).toHaveLength(1);
});

it("jobs are named by ids, by their list, or all at once", () => {
  expect(parseWatchArguments(QUEUE).jobs).toEqual({ type: "all" });
  expect(parseWatchArguments([...QUEUE, ID]).jobs).toEqual({ type: "ids", ids: [ID] });
  expect(parseWatchArguments([...QUEUE, "jobs.jsonl"]).jobs).toMatchObject({ type: "lists", batch: { lists: ["jobs.jsonl"] } });
  expect(parseCancelArguments([...QUEUE, "--all"]).jobs).toEqual({ type: "all" });
  expect(() => parseCancelArguments(QUEUE)).toThrow("Name the jobs to cancel, or give --all.");
  expect(parseFetchArguments([ID, "--results", "r", "--out", "o"])).toMatchObject({ jobs: { type: "ids", ids: [ID] }, out: "o" });
  expect(parseFetchArguments(["jobs.jsonl", "--results", "r", "--out", "o"])).toMatchObject({
    jobs: { type: "lists" },
    out: "o",
  });
});

it("a server that others can reach needs a token; one for this machine does not", () => {
  expect(parseServeArguments(["--results", "r"], {})).toMatchObject({ host: "127.0.0.1", port: 4690, token: null });
  expect(() => parseServeArguments(["--results", "r", "--host", "0.0.0.0"], {})).toThrow("so a token is needed");
  expect(() => parseServeArguments(["--results", "r", "--token", "short"], {})).toThrow("16 to 200");
  const token = "0123456789abcdef";
  expect(parseServeArguments(["--results", "r", "--host", "0.0.0.0"], { ZOETROPE_TOKEN: token })).toMatchObject({ token });
  expect(() => parseServeArguments(["--results", "r", "--tls-cert", "c.pem"], {})).toThrow("go together");
});
