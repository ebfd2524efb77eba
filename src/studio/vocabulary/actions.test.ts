import { afterEach, beforeEach, expect, it, vi } from "vitest";
import sixShapes from "../../core/vocabulary/testing/six-shapes.json";
import { createStudioStore } from "../store/studio-store.ts";
import { vocabularyActions } from "./actions.ts";
import { insertPhrase } from "./insert-phrase.ts";

beforeEach(() => vi.stubGlobal("document", { baseURI: "https://host.example/page/" }));
afterEach(() => vi.unstubAllGlobals());

function studio(answer: () => Promise<Response>) {
  const store = createStudioStore();
  const fetched: string[] = [];
  vi.stubGlobal("fetch", (url: URL) => {
    fetched.push(url.href);
    return answer();
  });
  return { store, fetched, actions: vocabularyActions(store) };
}

it("the list is fetched once for each checkpoint that brings one", async () => {
  const { store, fetched, actions } = studio(async () => Response.json(sixShapes));
  await actions.readWords();
  await actions.readWords();
  expect(fetched).toEqual(["https://host.example/page/models/mini/words.json"]);
  expect(store.getState().knownWords).toMatchObject({ sheet: "https://host.example/page/models/mini/words.webp" });
  const prompts = { prompt: "a dragon, neon style", promptAt: [], promptSyntax: "a1111", steps: 20 } as const;
  const unknown = (added: string[]) =>
    store
      .getState()
      .knownWords?.unknownIn(prompts, added)
      .map(({ text }) => text);
  expect([unknown([]), unknown(["neon style"]), unknown([])]).toEqual([["dragon", "neon"], ["dragon"], ["dragon", "neon"]]);
  store.setState({ checkpoint: "somebody's" });
  await actions.readWords();
  expect(fetched).toHaveLength(1);
});

it("a list that cannot be fetched is asked for again when its dialog opens; one that cannot be read is an error", async () => {
  let answer = async () => new Response("", { status: 404 });
  const { store, actions } = studio(() => answer());
  await actions.readWords();
  expect(store.getState()).toMatchObject({ knownWords: null, wordsAwayFor: "mini", messages: [] });
  answer = async () => Response.json({ version: 9 });
  await actions.readWords();
  expect(
    store
      .getState()
      .messages.map(({ text }) => text)
      .join(),
  ).toContain("its version is 9");
  answer = async () => Response.json(sixShapes);
  actions.openWords(null);
  await vi.waitFor(() => expect(store.getState()).toMatchObject({ wordsAwayFor: null, knownWords: { checkpoint: "mini" } }));
});

it("words go where the cursor was, each behind the one before", () => {
  const { store, actions } = studio(async () => Response.json(sixShapes));
  store.getState().setPrompt("a on red");
  actions.openWords({ start: 2, end: 2 });
  for (const phrase of ["cat", "bouncing"]) {
    const { prompt, wordsGoTo } = store.getState();
    actions.putWords(insertPhrase(prompt, wordsGoTo!, phrase), phrase);
  }
  expect(store.getState().prompt).toBe("a cat bouncing on red");
  actions.closeWords();
  expect(store.getState()).toMatchObject({ wordsGoTo: null, wordsEnd: { start: 14, end: 14 } });
  actions.openWords(null);
  expect(store.getState()).toMatchObject({ wordsGoTo: { start: 21, end: 21 }, wordsEnd: null });
});
