import { expect, it } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { expectedUse } from "./picture-use.ts";

const shared = { name: "", summary: "", bytes: 0, builtIn: false, triggerWords: [], suggested: {} };
const edges: ShelfItem = { ...shared, id: "edges", kind: "controlnet" };
const face: ShelfItem = { ...shared, id: "face", kind: "ip-adapter" };

it("a picture is for what waits for one, else the clip begins with it", () => {
  const store = createStudioStore();
  const use = () => expectedUse(store.getState());
  store.getState().setShelf([edges, face]);
  expect(use()).toBe("start");
  store.getState().chooseIpAdapter("face");
  expect(use()).toBe("likeness");
  store.getState().setControl(0, { model: "edges" });
  expect(use()).toBe("control");
  store.getState().setControl(0, { pictures: { name: "edges.png", pictures: [] } });
  store.getState().setLikeness({ name: "face.png", pictures: [] });
  expect(use()).toBe("start");
});
