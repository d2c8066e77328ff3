import type { Exchange } from '../../http/index.ts';
import type { Names } from './names.ts';
import { pathOf } from './paths.ts';
import type { UrlOf } from './rules/json.ts';
import type { UrlSigner } from './signed-urls.ts';
import type { Version } from './store.ts';

/** Tells clients where the bytes of versions are. */
export interface Urls {
  /** What `/v2` gives to everybody is there; what it does not is behind COLA's own route, which asks who comes. */
  forReaders(exchange: Exchange, registry: string, isPublic: (packageName: string) => boolean): UrlOf;
  /** The same for index.json, whose readers send no credentials on: what is not public is signed until then. */
  forIndex(
    exchange: Exchange,
    registry: string,
    isPublic: (packageName: string) => boolean,
    expiry: number,
  ): Promise<UrlOf>;
}

export function createUrls(names: Names, signer: UrlSigner): Urls {
  const blobUrl = (site: string, registry: string, { name, checksum }: Version): string =>
    `${site}/v2/${names.package(registry, name)}/blobs/sha256:${checksum}`;

  const contentUrl = (site: string, registry: string, { name, version }: Version): string =>
    `${site}${pathOf(registry, name, version)}/content`;

  function forReaders({ site }: Exchange, registry: string, isPublic: (packageName: string) => boolean): UrlOf {
    return (version) => {
      if (version.source.kind === 'url') return version.source.url;
      return isPublic(version.name) ? blobUrl(site, registry, version) : contentUrl(site, registry, version);
    };
  }

  return {
    forReaders,
    async forIndex(exchange, registry, isPublic, expiry) {
      const plain = forReaders(exchange, registry, isPublic);
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
