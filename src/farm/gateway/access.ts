/** Who may ask the gateway, and how often. */

import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface AccessRules {
  /** null: nobody needs one, because only this machine can reach the gateway. */
  readonly token: string | null;
  /** Requests of one address in a minute; a burst may take all of them at once. */
  readonly perMinute: number;
}

export type Access =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly status: 401 | 403 | 429; readonly code: string; readonly message: string };

/** Of the requests that an address may send, one in so many may show a wrong token; more would be guessing. */
const WRONG_TOKENS = 1 / 30;

export class AccessControl {
  readonly #rules: AccessRules;
  readonly #digest: Buffer | null;
  readonly #requests: Allowance;
  readonly #wrongTokens: Allowance;

  constructor(rules: AccessRules) {
    this.#rules = rules;
    this.#digest = rules.token === null ? null : digest(rules.token);
    this.#requests = new Allowance(rules.perMinute);
    this.#wrongTokens = new Allowance(Math.max(1, rules.perMinute * WRONG_TOKENS));
  }

  check(request: IncomingMessage): Access {
    const address = request.socket.remoteAddress ?? "";
    if (!this.#requests.take(address)) return refused(429, "access/too-many", "Too many requests; wait a minute.");
    if (this.#digest === null) return this.#checkOwnPage(request);
    if (!this.#wrongTokens.left(address)) return refused(429, "access/too-many", "Too many wrong tokens; wait a minute.");
    const given = /^Bearer ([\x21-\x7e]{1,200})$/.exec(request.headers.authorization ?? "")?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), this.#digest)) return { allowed: true };
    if (given !== undefined) this.#wrongTokens.take(address);
    return refused(401, "access/token", "This farm asks for a token, and this one is missing or wrong.");
  }

  /** Whether pages of other sites may ask: only if they can show a token. */
  get allowsOtherSites(): boolean {
    return this.#rules.token !== null;
  }

  /** Without a token, any site that the person visits could send requests through the browser, so only the gateway's own page may. */
  #checkOwnPage({ headers: { host = "", origin } }: IncomingMessage): Access {
    const name = host.replace(/:\d+$/, "");
    if (!["localhost", "127.0.0.1", "[::1]"].includes(name))
      return refused(403, "access/host", "Without a token this farm answers to localhost only.");
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
      return refused(403, "access/origin", "Without a token this farm answers to its own page only.");
    return { allowed: true };
  }
}

/** A bucket of tokens for each address, refilled evenly. */
class Allowance {
  readonly #perMinute: number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  left(address: string): boolean {
    return this.#refilled(address).left >= 1;
  }

  take(address: string): boolean {
    const bucket = this.#refilled(address);
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }

  #refilled(address: string): { left: number } {
    const now = Date.now();
    // Full buckets say nothing; they are forgotten before the list grows.
    if (this.#buckets.size > 10_000)
      for (const [each, { at }] of this.#buckets) if (now - at > 60_000) this.#buckets.delete(each);
    const bucket = this.#buckets.get(address) ?? { left: this.#perMinute, at: now };
    bucket.left = Math.min(this.#perMinute, bucket.left + ((now - bucket.at) / 60_000) * this.#perMinute);
    bucket.at = now;
    this.#buckets.set(address, bucket);
    return bucket;
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refused(status: 401 | 403 | 429, code: string, message: string): Access {
  return { allowed: false, status, code, message };
}
