/** Opens a server's port. */

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ZoetropeError } from "../core/errors.ts";

/** @throws ZoetropeError `arguments/port` */
export function listening(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: Error) =>
      reject(
        new ZoetropeError("arguments/port", {
          message: `${host}:${port} cannot be listened on: ${cause.message}.`,
          hint: "Choose another --port or --host.",
          cause,
        }),
      ),
    );
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}
