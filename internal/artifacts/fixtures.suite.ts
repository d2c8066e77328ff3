import { parseRepositoryName, parseTag, type RepositoryName, type Tag } from '../../pkg/oci/index.ts';
import { hasFiles, OciError } from '../../pkg/oci/index.ts';
import type { Door, DoorPush, Facts } from '../registry/index.ts';
import { BY, openRig, type Rig, type RigOptions } from '../registry/fixtures.suite.ts';
import { createArtifacts, type Artifacts, type Created } from './index.ts';

export const repository = (text: string): RepositoryName => parseRepositoryName(text);
export const tag = (text: string): Tag => parseTag(text);

/** A door that notes what it is asked, and can be shut: then it owns nothing. */
export interface TestDoor extends Door {
  readonly asked: DoorPush[];
  factsVersion: number;
  isOpen: boolean;
}

/** A door to `tools/**`: its facts are the length and the start of the first layer, its generations are by team. */
export function openDoor(): TestDoor {
  const asked: DoorPush[] = [];
  const door: TestDoor = {
    name: 'tools',
    factsVersion: 1,
    isOpen: true,
    asked,
    owns: (name) => door.isOpen && name.startsWith('tools/'),
    fixes: (_, name) => /^\d+\.\d+\.\d+$/.test(name),
    spares: ['_*'],
    generation: (name) => ({ key: name.split('/').slice(0, 2).join('/'), without: [tag('_index')] }),
    async prepare(push): Promise<Facts | undefined> {
      asked.push(push);
      const [layer] = push.manifest.layers;
      if (!layer || !hasFiles(push.manifest)) return undefined;
      const chunks: Buffer[] = [];
      for await (const chunk of push.readBlob(layer.digest, { start: 0, end: 3 })) chunks.push(Buffer.from(chunk));
      const start = Buffer.concat(chunks).toString();
      if (start === 'evil') throw new OciError('MANIFEST_INVALID', 'not here');
      return { start, sizeBytes: layer.size };
    },
  };
  return door;
}

/** A registry on memory with a door, and artifacts over it. */
export interface ArtifactRig extends Rig {
  readonly artifacts: Artifacts;
  readonly door: TestDoor;
}

export async function openArtifactRig(options: RigOptions = {}): Promise<ArtifactRig> {
  const door = openDoor();
  const rig = await openRig({ doors: [door], ...options });
  const catalog = options.wrapCatalog?.(rig.catalog) ?? rig.catalog;
  return { ...rig, door, artifacts: createArtifacts({ registry: rig.registry, catalog }) };
}

/** Publishes a text as `name:tag`. */
export function publish({ artifacts }: Pick<ArtifactRig, 'artifacts'>, name: string, text: string): Promise<Created> {
  const [in_, version = ''] = name.split(':');
  return artifacts.create(BY, {
    repository: repository(in_ ?? ''),
    tag: tag(version),
    artifactType: 'application/vnd.example.tool',
    files: [{ mediaType: 'text/plain', title: 'tool.txt', content: Buffer.from(text) }],
    annotations: { 'org.opencontainers.image.version': version },
  });
}
