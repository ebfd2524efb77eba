/**
 * comlink for all threads, in the browser and on Node. comlink rebuilds whatever a call throws as a plain Error, which loses the
 * code and the hint of a ZoetropeError, so this module teaches its "throw" handler to carry them. Both ends import comlink from here.
 */
import { transferHandlers } from "comlink";
import { type ErrorInfo, ZoetropeError } from "../core/errors.ts";

export { expose, proxy, type Remote, releaseProxy, transfer, wrap } from "comlink";

const others = transferHandlers.get("throw")!;

transferHandlers.set("throw", {
  canHandle: others.canHandle,
  serialize: (thrown: { readonly value: unknown }) =>
    thrown.value instanceof ZoetropeError ? [{ zoetropeError: thrown.value.toInfo() }, []] : others.serialize(thrown),
  deserialize: (sent: { readonly zoetropeError?: ErrorInfo }) => {
    if (sent.zoetropeError === undefined) return others.deserialize(sent);
    throw ZoetropeError.fromInfo(sent.zoetropeError);
  },
});
