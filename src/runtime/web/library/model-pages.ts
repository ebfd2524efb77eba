/**
 * Finds the files behind the address of a model's page, through the public APIs of the two large hosts:
 * huggingface.co/docs/hub/api (GET /api/models/REPOSITORY?blobs=true) and developer.civitai.com (GET /api/v1/model-versions/ID).
 */

import { ZoetropeError } from "../../../core/errors.ts";
import type { DownloadOrder, RemoteModel } from "../../../protocol/download.ts";
import { modelHost } from "./model-hosts.ts";

/** Asks an API for JSON. @throws ZoetropeError `download/…` */
export type ReadJson = (url: URL) => Promise<unknown>;

/** Endings of files that may hold a model. */
const MODEL_FILE = /\.(safetensors|sft|ckpt|pt|pth|bin|gguf)$/i;

/**
 * null: the address is not the page of a model or of a file at these hosts.
 * @throws ZoetropeError `download/nothing-here` for a page without a model file; what `read` throws
 */
export async function findModel(url: URL, read: ReadJson): Promise<RemoteModel | null> {
  const host = modelHost(url)?.name;
  const find = host === "Hugging Face" ? findRepository : host === "Civitai" ? findVersion : null;
  const model = find === null ? null : await find(url, read);
  if (model === null || model.files.length > 0) return model;
  throw new ZoetropeError("download/nothing-here", {
    message: `${model.title} at ${url.host} has no file of a kind that can be read here.`,
    hint: "Look there for a .safetensors file, and paste the address of its page.",
  });
}

/** First words of Hugging Face's paths that name no owner of models. */
const NOT_OWNERS = new Set([
  "api",
  "blog",
  "collections",
  "datasets",
  "docs",
  "join",
  "login",
  "models",
  "papers",
  "settings",
  "spaces",
]);

interface HubModel {
  readonly gated?: boolean | string;
  readonly cardData?: { readonly license?: string | readonly string[] };
  readonly siblings?: readonly {
    readonly rfilename: string;
    readonly size?: number;
    readonly lfs?: { readonly sha256?: string; readonly size?: number };
  }[];
}

/** A repository, a folder of it, or one file ("blob" for people, "resolve" for programs). */
async function findRepository(url: URL, read: ReadJson): Promise<RemoteModel | null> {
  const [owner, name, view, revision = "main", ...path] = url.pathname.split("/").filter(Boolean).map(decode);
  if (owner === undefined || name === undefined || NOT_OWNERS.has(owner)) return null;
  const repository = `${owner}/${name}`;
  const inside = path.join("/");
  const isFile = (view === "blob" || view === "resolve") && inside !== "";
  const api = new URL(
    `/api/models/${repository}${revision === "main" ? "" : `/revision/${encodeURIComponent(revision)}`}`,
    url.origin,
  );
  api.searchParams.set("blobs", "true");
  const fileAddress = (file: string) =>
    new URL(`/${repository}/resolve/${[revision, ...file.split("/")].map(encodeURIComponent).join("/")}`, url.origin).href;
  // The file itself tells more precisely why it cannot be had, so a list that does not come is no reason to stop.
  const told = (await (isFile ? read(api).catch(() => ({})) : read(api))) as HubModel;
  const files = (told.siblings ?? []).map(({ rfilename, size, lfs }): DownloadOrder & { readonly path: string } => ({
    path: rfilename,
    address: fileAddress(rfilename),
    name: rfilename.slice(rfilename.lastIndexOf("/") + 1),
    bytes: lfs?.size ?? size ?? null,
    sha256: lfs?.sha256 ?? null,
  }));
  const chosen = isFile
    ? [
        files.find(({ path }) => path === inside) ?? {
          path: inside,
          address: fileAddress(inside),
          name: null,
          bytes: null,
          sha256: null,
        },
      ]
    : files.filter(({ path }) => MODEL_FILE.test(path) && (view !== "tree" || inside === "" || path.startsWith(`${inside}/`)));
  const licence = told.cardData?.license;
  return {
    title: repository,
    page: new URL(`/${repository}`, url.origin).href,
    licence: typeof licence === "string" ? licence : (licence?.[0] ?? null),
    gated: told.gated !== undefined && told.gated !== false,
    files: chosen.map(({ path, ...file }) =>
      isFile || !path.includes("/") ? file : { ...file, name: path.replaceAll("/", "-") },
    ),
  };
}

interface CivitaiVersion {
  readonly id: number;
  readonly name: string;
  readonly modelId?: number;
  readonly model?: { readonly name: string };
  readonly files?: readonly {
    readonly name: string;
    readonly type?: string;
    readonly sizeKB?: number;
    readonly primary?: boolean;
    readonly hashes?: { readonly SHA256?: string };
    readonly downloadUrl: string;
  }[];
}

/** A model (its newest version) or one version of it. */
async function findVersion(url: URL, read: ReadJson): Promise<RemoteModel | null> {
  const id = /^\/models\/(\d+)/.exec(url.pathname)?.[1];
  if (id === undefined) return null;
  const asked = url.searchParams.get("modelVersionId");
  const model = asked === null ? ((await read(new URL(`/api/v1/models/${id}`, url.origin))) as CivitaiModel) : null;
  const version =
    model === null
      ? ((await read(new URL(`/api/v1/model-versions/${asked}`, url.origin))) as CivitaiVersion)
      : model.modelVersions?.[0];
  const title = model?.name ?? version?.model?.name ?? `Model ${id}`;
  const files = (version?.files ?? []).filter(({ name, type }) => MODEL_FILE.test(name) && type !== "Training Data");
  return {
    title: version === undefined ? title : `${title}, ${version.name}`,
    page: url.href,
    licence: null,
    gated: false,
    files: files
      .sort((a, b) => Number(b.primary === true) - Number(a.primary === true))
      .map(({ name, downloadUrl, hashes }) => ({
        address: downloadUrl,
        name,
        bytes: null, // The host rounds sizes to fractions of a kibibyte; the SHA-256 settles it.
        sha256: hashes?.SHA256?.toLowerCase() ?? null,
      })),
  };
}

interface CivitaiModel {
  readonly name: string;
  readonly modelVersions?: readonly CivitaiVersion[];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
