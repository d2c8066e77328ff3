import * as fc from 'fast-check';
import { OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST, unreachable } from '../../../pkg/oci/index.ts';
import { describeSample, EMPTY_CONFIG, toManifest, toSample, type Sample } from '../../testing/images.ts';
import {
  colaPackage,
  colaRegistry,
  foundryPackage,
  isVersion,
  PACKAGES,
  REGISTRIES,
  RELEASES,
  REPOSITORIES,
  sha256,
  tagFor,
  TOOLS,
  urlOf,
  VERSIONS,
  type Content,
  type Model,
} from './model.suite.ts';

// A suite by its name only because nothing but tests may import it.

/** What is pushed to `/v2`: a file, or what is no version of anything. */
export interface Pushed {
  readonly kind: 'file' | 'index' | 'signature';
  readonly text: string;
  readonly version: string | undefined;
  readonly isPartial: boolean;
}

type Place = Readonly<{ registry: string; name: string }>;
type Version = Place & Readonly<{ version: string }>;
type Release = Readonly<{ tool: string; release: string }>;

/** One thing that somebody does through one of the doors. */
export type Act =
  | Readonly<{ does: 'push'; repository: string; tag: string; pushed: Pushed }>
  /** `nth`: of all tags that there are, counted round. */
  | Readonly<{ does: 'untag' | 'delete manifest'; nth: number }>
  | Readonly<{ does: 'create registry' | 'describe registry' | 'delete registry'; registry: string }>
  | (Readonly<{ does: 'create package' | 'delete package' }> & Place)
  | (Readonly<{ does: 'publish a URL' | 'publish bytes'; text: string }> & Version)
  | (Readonly<{ does: 'unpublish' }> & Version)
  | (Readonly<{ does: 'upload'; text: string }> & Release)
  | (Readonly<{ does: 'delete release' }> & Release);

const from = <const Item>(items: readonly Item[]) => fc.constantFrom(...items);
const text = from(['one', 'two', 'three', '']);
const registry = from(REGISTRIES);
const place = { registry, name: from(PACKAGES) };
const version = { ...place, version: from(VERSIONS) };
const release = { tool: from(TOOLS), release: from(RELEASES) };
/** Tags that facades take for something, and one that none does. */
const tag = from([...VERSIONS, ...RELEASES].map(tagFor).concat('latest'));
const pushed = fc.record({
  kind: from(['file', 'file', 'file', 'index', 'signature']),
  text,
  version: from([undefined, ...VERSIONS, ...RELEASES]),
  isPartial: fc.boolean(),
});
const does = <const What extends Act['does']>(...what: readonly What[]) => from(what);

export const anAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: does('push'), repository: from(REPOSITORIES), tag, pushed }) },
  { weight: 3, arbitrary: fc.record({ does: does('untag', 'delete manifest'), nth: fc.nat(1000) }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: does('create registry', 'create registry', 'describe registry'), registry }),
  },
  { weight: 1, arbitrary: fc.record({ does: does('delete registry'), registry }) },
  { weight: 2, arbitrary: fc.record({ does: does('create package', 'create package', 'delete package'), ...place }) },
  { weight: 4, arbitrary: fc.record({ does: does('publish a URL', 'publish bytes'), text, ...version }) },
  { weight: 2, arbitrary: fc.record({ does: does('unpublish'), ...version }) },
  { weight: 3, arbitrary: fc.record({ does: does('upload'), text, ...release }) },
  { weight: 1, arbitrary: fc.record({ does: does('delete release'), ...release }) },
);

/** The manifest of what is pushed, and the blobs that it names. */
function toPush({ kind, text: file, version: said, isPartial }: Pushed): {
  readonly manifest: Sample;
  readonly blobs: readonly Sample[];
} {
  if (kind === 'index') return { manifest: toManifest(OCI_IMAGE_INDEX, { manifests: [] }), blobs: [] };
  const layer = toSample(file);
  const annotations = {
    ...(said !== undefined && { 'org.opencontainers.image.version': said }),
    ...(isPartial && { 'com.cola-registry.end-partition': '3' }),
  };
  const manifest = toManifest(OCI_IMAGE_MANIFEST, {
    config: describeSample(EMPTY_CONFIG),
    layers: [describeSample(layer)],
    annotations,
    ...(kind === 'signature' && { subject: describeSample(layer) }),
  });
  return { manifest, blobs: [layer, EMPTY_CONFIG] };
}

/** Does an act, through its door; the status of the answer, and what the model expects. */
export type Doing = Readonly<{ status: number; expected: number }>;

/** A request to the server. */
export type Ask = (method: string, path: string, body?: string | Buffer | object, type?: string) => Promise<Response>;

export function createDoer(ask: Ask, model: Model) {
  let made = 0;
  const make = (kind: Content['kind'], more: Partial<Content> = {}): Content => {
    made += 1;
    return { id: `made ${made}`, kind, text: '', ...more };
  };

  async function push(repository: string, name: string, what: Pushed): Promise<Doing> {
    const { manifest, blobs } = toPush(what);
    for (const { digest, bytes } of blobs) {
      await ask('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, bytes, 'application/octet-stream');
    }
    const { status } = await ask('PUT', `/v2/${repository}/manifests/${name}`, manifest.bytes, manifest.mediaType);
    const old = model.at(repository, name);
    const isFixed = old && old.id !== manifest.digest && isFixedAt(repository, name);
    if (!isFixed) {
      const partitions = what.isPartial ? ([0, 3] as const) : ([0, 9] as const);
      const kind = what.kind === 'file' ? 'file' : 'other';
      const content = { kind, text: what.text, version: what.version, partitions } as const;
      model.put(repository, name, { id: manifest.digest, ...content });
    }
    return { status, expected: isFixed ? 409 : 201 };
  }

  const nthTag = (nth: number): readonly [repository: string, tag: string] => {
    const all = REPOSITORIES.flatMap((repository) =>
      model.tagsOf(repository).map((each) => [repository, each] as const),
    );
    return all[nth % Math.max(all.length, 1)] ?? ['other/img', 'latest'];
  };

  async function untag(nth: number): Promise<Doing> {
    const [repository, name] = nthTag(nth);
    const { status } = await ask('DELETE', `/v2/${repository}/manifests/${name}`);
    const isThere = model.at(repository, name) !== undefined;
    model.drop(repository, name);
    return { status, expected: isThere ? 202 : 404 };
  }

  async function removeManifest(nth: number): Promise<Doing> {
    const [repository, name] = nthTag(nth);
    const content = model.at(repository, name);
    const found = await ask('HEAD', `/v2/${repository}/manifests/${name}`);
    if (!content) return { status: found.status, expected: 404 };
    const digest = found.headers.get('docker-content-digest');
    const { status } = await ask('DELETE', `/v2/${repository}/manifests/${digest}`);
    model.dropContent(repository, content);
    return { status, expected: 202 };
  }

  async function publish(act: Extract<Act, { text: string; version: string }>): Promise<Doing> {
    const path = `/api/v1/registry/${act.registry}/package/${act.name}/version`;
    const repository = colaPackage(act.registry, act.name);
    const isUrl = act.does === 'publish a URL';
    const body = { version: act.version, checksum: sha256(act.text), url: urlOf(act.text) };
    const { status } = isUrl
      ? await ask('POST', path, body)
      : await ask('PUT', `${path}/${encodeURIComponent(act.version)}/content?validate=false`, act.text, 'a/b');
    if (!model.hasPackage(act.registry, act.name)) return { status, expected: 404 };
    if (model.at(repository, tagFor(act.version))) return { status, expected: 409 };
    const content = { text: act.text, version: act.version };
    model.put(repository, tagFor(act.version), make(isUrl ? 'reference' : 'file', content));
    return { status, expected: 201 };
  }

  return async function perform(act: Act): Promise<Doing> {
    switch (act.does) {
      case 'push':
        return push(act.repository, act.tag, act.pushed);
      case 'untag':
        return untag(act.nth);
      case 'delete manifest':
        return removeManifest(act.nth);
      case 'create registry': {
        const { status } = await ask('POST', '/api/v1/registry', { name: act.registry });
        if (model.hasRegistry(act.registry)) return { status, expected: 409 };
        model.put(colaRegistry(act.registry), '_registry', make('registry'));
        return { status, expected: 201 };
      }
      case 'describe registry': {
        const description = `change ${(made += 1)}`;
        const { status } = await ask('PUT', `/api/v1/registry/${act.registry}`, { description });
        if (!model.hasRegistry(act.registry)) return { status, expected: 404 };
        model.put(colaRegistry(act.registry), '_registry', make('registry', { text: description }));
        return { status, expected: 200 };
      }
      case 'delete registry': {
        const { status } = await ask('DELETE', `/api/v1/registry/${act.registry}`);
        if (!model.hasRegistry(act.registry)) return { status, expected: 404 };
        model.clear(colaRegistry(act.registry), true);
        return { status, expected: 204 };
      }
      case 'create package': {
        const { status } = await ask('POST', `/api/v1/registry/${act.registry}/package`, { name: act.name });
        if (!model.hasRegistry(act.registry)) return { status, expected: 404 };
        if (model.hasPackage(act.registry, act.name)) return { status, expected: 409 };
        model.put(colaPackage(act.registry, act.name), '_package', make('package'));
        return { status, expected: 201 };
      }
      case 'delete package': {
        const { status } = await ask('DELETE', `/api/v1/registry/${act.registry}/package/${act.name}`);
        if (!model.hasPackage(act.registry, act.name)) return { status, expected: 404 };
        model.clear(colaPackage(act.registry, act.name), false);
        return { status, expected: 204 };
      }
      case 'publish a URL':
      case 'publish bytes':
        return publish(act);
      case 'unpublish': {
        const repository = colaPackage(act.registry, act.name);
        const path = `/api/v1/registry/${act.registry}/package/${act.name}/version/${encodeURIComponent(act.version)}`;
        const { status } = await ask('DELETE', path);
        const content = model.at(repository, tagFor(act.version));
        if (!content || !isVersion(content)) return { status, expected: 404 };
        model.drop(repository, tagFor(act.version));
        return { status, expected: 204 };
      }
      case 'upload': {
        const repository = foundryPackage(act.tool);
        const { status } = await ask('POST', pathOf(act), act.text, 'application/octet-stream');
        if (model.at(repository, tagFor(act.release))) return { status, expected: 409 };
        model.put(repository, tagFor(act.release), make('file', { text: act.text, version: act.release }));
        return { status, expected: 201 };
      }
      case 'delete release': {
        const { status } = await ask('DELETE', pathOf(act));
        const isThere = model.releasesOf(act.tool).some(([name]) => name === act.release);
        if (isThere) model.drop(foundryPackage(act.tool), tagFor(act.release));
        return { status, expected: isThere ? 200 : 404 };
      }
      default:
        return unreachable(act);
    }
  };
}

const pathOf = ({ tool, release: name }: Release): string =>
  `/api/v1/artifacts/${encodeURIComponent(tool)}/${encodeURIComponent(name)}`;

/** Which tags stay what they are: all of Foundry's, and whole versions of COLA's packages. */
function isFixedAt(repository: string, name: string): boolean {
  if (repository.startsWith('foundry/')) return true;
  return /^cola\/[^/]+\/[^/]+$/.test(repository) && /^\d+\.\d+\.\d+/.test(name);
}
