import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EVERYBODY } from '../auth/index.ts';
import { Exchange } from '../http/index.ts';
import { SURROUNDINGS } from '../http/surroundings.suite.ts';
import type { Registry } from '../registry/index.ts';
import { createApi } from './index.ts';

// A suite by its name only because nothing but tests may import it.

/** `/v2` alone, over a registry that a test has put together. */
export interface RigServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveRegistry(registry: Registry): Promise<RigServer> {
  const api = createApi({ registry, publicUrl: '' }, async () => EVERYBODY);
  const server = createServer((req: IncomingMessage, res: ServerResponse) => {
    void api.handle(new Exchange(req, res, SURROUNDINGS));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
