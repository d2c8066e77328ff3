import type { Actor } from '../../auth/index.ts';
import { seesPackage } from './sight.ts';
import type { Names } from './names.ts';
import { pathOf } from './paths.ts';
import type { UrlOf } from './rules/json.ts';
import type { UrlSigner } from './signed-urls.ts';
import type { Version } from './store.ts';

/** Scheme and host by which a client reached us. */
interface Reached {
  readonly site: string;
}

/** Tells clients where the bytes of versions are. */
export interface Urls {
  /** What `/v2` gives to everybody is there; what it does not is behind COLA's own route, which asks who comes. */
  forReaders(reached: Reached, registry: string, isPublic: (packageName: string) => boolean): UrlOf;
  /** The same for index.json, whose readers send no credentials on: what is not public is signed until then. */
  forIndex(
    reached: Reached,
    registry: string,
    isPublic: (packageName: string) => boolean,
    expiry: number,
  ): Promise<UrlOf>;
}

const blobUrl = (names: Names, site: string, registry: string, { name, checksum }: Version): string =>
  `${site}/v2/${names.package(registry, name)}/blobs/sha256:${checksum}`;

const contentUrl = (site: string, registry: string, { name, version }: Version): string =>
  `${site}${pathOf(registry, name, version)}/content`;

/** The URLs of a registry as they are told to everybody: unsigned, whoever may read there. */
export function createPublicUrls(
  names: Names,
  site: string,
  anonymous: () => Promise<Actor>,
): (registry: string) => Promise<UrlOf> {
  return async (registry) => {
    const stranger = await anonymous();
    return readerUrls(names, site, registry, (packageName) => seesPackage(stranger, registry, packageName, names));
  };
}

function readerUrls(names: Names, site: string, registry: string, isPublic: (packageName: string) => boolean): UrlOf {
  return (version) => {
    if (version.source.kind === 'url') return version.source.url;
    return isPublic(version.name) ? blobUrl(names, site, registry, version) : contentUrl(site, registry, version);
  };
}

export function createUrls(names: Names, signer: UrlSigner): Urls {
  return {
    forReaders: ({ site }, registry, isPublic) => readerUrls(names, site, registry, isPublic),
    async forIndex(reached, registry, isPublic, expiry) {
      const plain = readerUrls(names, reached.site, registry, isPublic);
      let sign: Awaited<ReturnType<UrlSigner['begin']>> | undefined;
      if (expiry > 0) sign = await signer.begin(expiry);
      return (version) => {
        const url = plain(version);
        if (version.source.kind === 'url' || !sign || isPublic(version.name)) return url;
        return `${url}?${sign({ registry, package: version.name, version: version.version })}`;
      };
    },
  };
}
