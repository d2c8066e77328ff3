import { discard } from './answer.ts';
import { createBlobs } from './blobs.ts';
import { createLists } from './lists.ts';
import { createManifests } from './manifests.ts';
import { resolve } from './paths.ts';
import { createTransport } from './transport.ts';
import type { Client, ClientOptions } from './types.ts';

/** A client of one registry. Nothing is sent before a method is called; a TypeError where `url` is no registry's root. */
export function createClient(options: ClientOptions): Client {
  const transport = createTransport(options);
  const manifests = createManifests(transport);
  return {
    ...manifests,
    ...createBlobs(transport),
    ...createLists(transport, manifests),

    async ping({ signal } = {}) {
      const url = resolve(transport.root, '/v2/');
      await transport.send({ method: 'GET', url, scopes: [], expect: [200], signal }).then(discard);
    },
  };
}
