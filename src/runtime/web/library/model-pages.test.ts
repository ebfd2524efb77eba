import { expect, it } from "vitest";
import { AccessTokens } from "./model-hosts.ts";
import { findModel } from "./model-pages.ts";

const digest = "ab".repeat(32);

/** Finds with an API that answers these addresses. */
async function find(address: string, answers: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const model = await findModel(new URL(address), async ({ href }) => {
    asked.push(href);
    if (!(href in answers)) throw new Error(`404 ${href}`);
    return answers[href];
  });
  return { model, asked };
}

const repository = {
  gated: false,
  cardData: { license: "openrail" },
  siblings: [
    { rfilename: "README.md", size: 10 },
    { rfilename: "a model.safetensors", size: 134, lfs: { sha256: digest, size: 2_132_626_066 } },
    { rfilename: "vae/b.ckpt", size: 5 },
  ],
};
const hub = { "https://huggingface.co/api/models/some/thing?blobs=true": repository };

it("a repository's page offers its model files, with exact lengths and SHA-256", async () => {
  const { model } = await find("https://huggingface.co/some/thing", hub);
  expect(model).toEqual({
    title: "some/thing",
    page: "https://huggingface.co/some/thing",
    licence: "openrail",
    gated: false,
    files: [
      {
        address: "https://huggingface.co/some/thing/resolve/main/a%20model.safetensors",
        name: "a model.safetensors",
        bytes: 2_132_626_066,
        sha256: digest,
      },
      { address: "https://huggingface.co/some/thing/resolve/main/vae/b.ckpt", name: "vae-b.ckpt", bytes: 5, sha256: null },
    ],
  });
});

it("the pages of a folder and of a file offer what lies there", async () => {
  const folder = await find("https://huggingface.co/some/thing/tree/main/vae", hub);
  expect(folder.model?.files.map(({ name }) => name)).toEqual(["vae-b.ckpt"]);
  for (const view of ["blob", "resolve"]) {
    const { model } = await find(`https://huggingface.co/some/thing/${view}/main/a%20model.safetensors`, hub);
    expect(model?.files).toMatchObject([{ bytes: 2_132_626_066, sha256: digest }]);
  }
});

it("a file of which the API says nothing can be fetched all the same", async () => {
  const { model, asked } = await find("https://huggingface.co/some/thing/blob/v2/x/y.safetensors", {});
  expect(asked).toEqual(["https://huggingface.co/api/models/some/thing/revision/v2?blobs=true"]);
  expect(model?.files).toEqual([
    { address: "https://huggingface.co/some/thing/resolve/v2/x/y.safetensors", name: null, bytes: null, sha256: null },
  ]);
});

const version = {
  id: 7,
  name: "v8",
  model: { name: "Dream" },
  files: [
    { name: "images.zip", type: "Training Data", downloadUrl: "https://civitai.com/api/download/models/7?type=Training" },
    { name: "dream.ckpt", type: "Model", downloadUrl: "https://civitai.com/api/download/models/7?format=PickleTensor" },
    {
      name: "dream.safetensors",
      type: "Model",
      primary: true,
      hashes: { SHA256: digest.toUpperCase() },
      downloadUrl: "https://civitai.com/api/download/models/7",
    },
  ],
};

it("a Civitai page offers the files of the version it names, or of the newest, the main one first", async () => {
  const named = await find("https://civitai.com/models/5/dream?modelVersionId=7", {
    "https://civitai.com/api/v1/model-versions/7": version,
  });
  const newest = await find("https://civitai.com/models/5", {
    "https://civitai.com/api/v1/models/5": { name: "Dream", modelVersions: [version] },
  });
  for (const { model } of [named, newest]) {
    expect(model?.title).toBe("Dream, v8");
    expect(model?.files.map(({ name }) => name)).toEqual(["dream.safetensors", "dream.ckpt"]);
    expect(model?.files[0]).toMatchObject({ address: "https://civitai.com/api/download/models/7", sha256: digest });
  }
});

it("other addresses are no pages, and a page without a model file says so", async () => {
  for (const address of [
    "https://example.org/some/thing",
    "https://huggingface.co/datasets/some/thing",
    "https://huggingface.co/some",
    "https://civitai.com/api/download/models/7",
  ]) {
    expect((await find(address, {})).model, address).toBeNull();
  }
  const empty = { "https://huggingface.co/api/models/some/thing?blobs=true": { siblings: [{ rfilename: "README.md" }] } };
  await expect(find("https://huggingface.co/some/thing", empty)).rejects.toMatchObject({ code: "download/nothing-here" });
});

it("a token goes to its own host only, in the form that the host reads", () => {
  const tokens = new AccessTokens();
  const [hub, civitai] = [new URL("https://huggingface.co/a/b"), new URL("https://civitai.com/api/download/models/7?type=Model")];
  tokens.use(hub, "h");
  tokens.use(civitai, "c");
  expect(tokens.authorise(hub)).toEqual({ url: hub, headers: { Authorization: "Bearer h" } });
  const { url, headers } = tokens.authorise(civitai);
  expect([url.href, headers]).toEqual(["https://civitai.com/api/download/models/7?type=Model&token=c", {}]);
  expect(tokens.authorise(new URL("https://example.org/a"))).toMatchObject({ headers: {} });
  tokens.use(hub, "");
  expect(tokens.has(hub)).toBe(false);
});
