import { ClientError, createClient, type Client } from '../../../pkg/client/index.ts';
import { asStreamingFetch, type Outbound } from '../../outbound/index.ts';
import { contentOf, type Content } from '../../storage/index.ts';
import type { KnownContent } from '../damage.ts';
import type { ScrubConfig } from './options.ts';
import type { Holder, RepairSource } from './types.ts';

/** Content of another registry, in repositories of the same names; undefined where none is configured. */
export function createPeerSource(config: ScrubConfig, outbound: Outbound, version: string): RepairSource | undefined {
  const url = config['scrub.peer.url'];
  if (url === undefined) return undefined;
  const [username, password] = [config['scrub.peer.username'], config['scrub.peer.password']];
  const client = createClient({
    url,
    ...(username !== undefined && password !== undefined && { credentials: { kind: 'password', username, password } }),
    authHosts: config['scrub.peer.auth_hosts'],
    userAgent: `Octoserve-Registry/${version}`,
    // Its options are what libraries ask of `fetch`: ours takes those of them that are sent.
    fetch: asStreamingFetch(outbound) as typeof fetch,
  });

  return {
    name: 'peer',
    async open(content, holders, signal) {
      let refusal: ClientError | undefined;
      for (const holder of holders) {
        try {
          return await openAt(client, content, holder, signal);
        } catch (failure) {
          signal.throwIfAborted();
          // One repository that is not there, or not ours to read, says nothing of the next.
          if (!(failure instanceof ClientError) || failure.failure !== 'refused') throw failure;
          if (failure.status !== 404) refusal ??= failure;
        }
      }
      if (refusal) throw refusal;
      return undefined;
    },
    close: () => Promise.resolve(), // the way out belongs to who gave it
  };
}

async function openAt(
  client: Client,
  { digest, sizeBytes }: KnownContent,
  { repository, isManifest }: Holder,
  signal: AbortSignal,
): Promise<Content> {
  if (isManifest) return contentOf((await client.getManifest(repository, digest, { signal })).bytes);
  const blob = await client.getBlob(repository, digest, { size: sizeBytes, signal });
  return { sizeBytes: blob.size ?? sizeBytes, read: () => blob, close: () => blob.cancel() };
}
