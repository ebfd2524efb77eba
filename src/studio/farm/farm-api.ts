/** Asks a farm's gateway over HTTP. */
import { type ErrorInfo, ZoetropeError } from "../../core/errors.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { FarmAddress } from "../store/farm.ts";

export const farmAway = "farm/away";

/** As the gateway sends them: progress with previews in base64, and the state of the job. */
export type FarmEvent =
  | { readonly type: "phase" | "progress" | "notice" | "preview"; readonly [key: string]: unknown }
  | { readonly type: "status"; readonly status: FarmStatus };

export type FarmStatus =
  | { readonly state: "waiting" | "active" | "done" | "cancelled" }
  | { readonly state: "failed"; readonly error: ErrorInfo };

export type Submitted =
  | { readonly type: "queued"; readonly id: string }
  /** The farm lacks these files, by the ids of their contents. */
  | { readonly type: "missing"; readonly ids: readonly string[] };

export class FarmApi {
  readonly #at: FarmAddress;

  constructor(at: FarmAddress) {
    this.#at = at;
  }

  /** The models that its workers have. @throws ZoetropeError `farm/away`, `farm/other`, or the farm's own */
  async shelf(signal?: AbortSignal): Promise<readonly ShelfItem[]> {
    const answer = (await this.#json("api/farm", { signal: signal ?? null })) as { farm?: string; shelf?: readonly ShelfItem[] };
    if (answer.farm === "zoetrope" && answer.shelf !== undefined) return answer.shelf;
    throw new ZoetropeError("farm/other", {
      message: `What answers at ${this.#at.address} is no farm of Zoetrope.`,
      hint: 'Enter the address that "zoetrope serve" prints.',
    });
  }

  async submit(job: object, signal: AbortSignal): Promise<Submitted> {
    const body = JSON.stringify(job);
    const response = await this.#fetch("api/jobs", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      signal,
    });
    const answer = (await response.json()) as { id?: string; error?: ErrorInfo & { missing?: readonly string[] } };
    if (response.status === 409 && answer.error?.missing !== undefined) return { type: "missing", ids: answer.error.missing };
    if (answer.id === undefined) throw ZoetropeError.fromInfo(answer.error ?? away(this.#at).toInfo());
    return { type: "queued", id: answer.id };
  }

  async send(id: string, name: string, bytes: Blob, signal: AbortSignal): Promise<void> {
    const headers = { "Content-Type": "application/octet-stream" };
    await this.#json(`api/files/${id}?name=${encodeURIComponent(name)}`, { method: "PUT", headers, body: bytes, signal });
  }

  /** Yields events until the connection ends, which need not be the job's end. */
  async *events(id: string, signal: AbortSignal): AsyncGenerator<FarmEvent> {
    const response = await this.#fetch(`api/jobs/${id}/events`, { signal });
    if (!response.ok) throw ZoetropeError.fromInfo(await errorOf(response));
    const text = response.body!.pipeThrough(new TextDecoderStream());
    let rest = "";
    for await (const chunk of text) {
      const messages = (rest + chunk).split("\n\n");
      rest = messages.pop()!;
      for (const message of messages) if (message.startsWith("data: ")) yield JSON.parse(message.slice(6)) as FarmEvent;
    }
  }

  async clip(id: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#fetch(`api/clips/${id}`, { signal });
    if (!response.ok) throw ZoetropeError.fromInfo(await errorOf(response));
    return new Uint8Array(await response.arrayBuffer());
  }

  async cancel(id: string): Promise<void> {
    await this.#fetch(`api/jobs/${id}`, { method: "DELETE" });
  }

  async #json(path: string, init: RequestInit): Promise<unknown> {
    const response = await this.#fetch(path, init);
    if (!response.ok) throw ZoetropeError.fromInfo(await errorOf(response));
    return response.json().catch(() => ({}));
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const { address, token } = this.#at;
    const headers = {
      ...(init.headers as Record<string, string>),
      ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
    };
    try {
      return await fetch(new URL(path, address), { ...init, headers, cache: "no-store" });
    } catch (cause) {
      init.signal?.throwIfAborted();
      throw away(this.#at, cause);
    }
  }
}

function away({ address }: FarmAddress, cause?: unknown): ZoetropeError {
  return new ZoetropeError(farmAway, {
    message: `The farm at ${address} does not answer.`,
    hint: "Check that it runs and that this device can reach it, or make animations on this device.",
    cause,
  });
}

async function errorOf(response: Response): Promise<ErrorInfo> {
  const answer = (await response.json().catch(() => null)) as { error?: ErrorInfo } | null;
  const message = `The farm refused with HTTP ${response.status}.`;
  return answer?.error ?? { code: "farm/refused", message, hint: "Check its address and its log." };
}
