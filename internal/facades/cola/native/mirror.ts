import { OciError } from '../../../../pkg/oci/index.ts';
import { OutboundError, type Outbound, type OutboundStream } from '../../../outbound/index.ts';
import { Invalid } from '../rules/invalid.ts';
import type { ColaContents, ColaStore, NewVersion } from '../store.ts';

const MOST_REDIRECTS = 5;

/** What is behind a URL, as it comes. Each hop is one that this server may call. */
async function open(outbound: Pick<Outbound, 'stream'>, start: string): Promise<OutboundStream> {
  let url = new URL(start);
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const answer = await outbound.stream(url);
    if (answer.status >= 200 && answer.status < 300) return answer;
    await answer.body[Symbol.asyncIterator]().return?.();
    const location = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || location === undefined) {
      throw new Invalid(`url cannot be fetched: it answers ${answer.status}`, 'url');
    }
    url = new URL(location, url);
  }
  throw new Invalid('url cannot be fetched: it leads on and on', 'url');
}

/** Who asks hears which of the two was wrong, and nothing of what this server can reach. */
function refusalOf(failure: unknown): unknown {
  if (failure instanceof OutboundError) return new Invalid('url cannot be fetched', 'url');
  if (failure instanceof OciError && failure.code === 'DIGEST_INVALID') {
    return new Invalid('checksum does not match what is at url', 'checksum');
  }
  return failure;
}

/** A store that fetches what is published by its URL, and keeps it as its own: nobody needs the other server any more. */
export function createMirroringStore(
  store: ColaStore,
  contents: ColaContents,
  outbound: Pick<Outbound, 'stream'>,
): ColaStore {
  return {
    ...store,
    async createVersion(by, registry, packageName, version: NewVersion) {
      const { url, checksum, ...rest } = version;
      if (url === undefined) return store.createVersion(by, registry, packageName, version);
      const there = await store.getVersion(registry, packageName, version.version);
      if (there.kind === 'found') return { kind: 'exists' };
      if (there.what !== 'version') return there;
      try {
        const { body, headers } = await open(outbound, url);
        const length = Number(headers.get('content-length') ?? Number.NaN);
        const expectedBytes = Number.isSafeInteger(length) && !headers.has('content-encoding') ? length : undefined;
        const content = await contents.receive(by, registry, packageName, { stream: body, expectedBytes }, checksum);
        const push = { ...rest, registry, packageName, content, createsPackage: false, isChecked: false };
        const done = await contents.publish(by, push);
        if (done.kind === 'unfit') throw new Error('what was not to be checked was found unfit');
        return done;
      } catch (failure) {
        throw refusalOf(failure);
      }
    },
  };
}
