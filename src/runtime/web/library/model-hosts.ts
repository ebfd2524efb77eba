/**
 * What the two large hosts of model files want that other hosts do not: the form of an access token, and words for people whom
 * they refuse. Sources: huggingface.co/docs/hub/security-tokens, developer.civitai.com ("Authorization").
 */

export interface ModelHost {
  readonly name: string;
  /** Where a person makes an access token. */
  readonly tokenPage: string;
}

const HUGGING_FACE: ModelHost = { name: "Hugging Face", tokenPage: "huggingface.co/settings/tokens" };
const CIVITAI: ModelHost = { name: "Civitai", tokenPage: "civitai.com/user/account" };

/** null: a host of its own, which knows nothing of these conventions. */
export function modelHost({ hostname }: URL): ModelHost | null {
  if (hostname === "huggingface.co" || hostname === "hf.co") return HUGGING_FACE;
  return /^(www\.)?civitai\.(com|green|red)$/.test(hostname) ? CIVITAI : null;
}

/** Access tokens by the host that they belong to. They live as long as this object. */
export class AccessTokens {
  readonly #byHost = new Map<string, string>();

  use(url: URL, token: string): void {
    if (token === "") this.#byHost.delete(url.host);
    else this.#byHost.set(url.host, token);
  }

  has(url: URL): boolean {
    return this.#byHost.has(url.host);
  }

  /**
   * The request for `url` with its host's token, if there is one. Civitai reads it from the query, which spares the browser a
   * preflight; all others from the Authorization header, which browsers drop when a redirect leads to another origin.
   */
  authorise(url: URL): { readonly url: URL; readonly headers: Readonly<Record<string, string>> } {
    const token = this.#byHost.get(url.host);
    if (token === undefined) return { url, headers: {} };
    if (modelHost(url) !== CIVITAI) return { url, headers: { Authorization: `Bearer ${token}` } };
    const authorised = new URL(url);
    authorised.searchParams.set("token", token);
    return { url: authorised, headers: {} };
  }
}
