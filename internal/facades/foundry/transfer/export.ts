import { OciError, type RepositoryName } from '../../../../pkg/oci/index.ts';
import type { Artifacts } from '../../../artifacts/index.ts';
import type { NewFoundryFolder } from '../../../maintenance/index.ts';
import { createNamespace, type PackageName } from '../names.ts';
import type { FoundryConfig } from '../options.ts';
import { listVersions } from '../packages.ts';
import type { PackageVersion } from '../versions.ts';

export interface ExportFoundryDeps {
  readonly folder: NewFoundryFolder;
  readonly artifacts: Artifacts;
  readonly config: FoundryConfig;
  readonly onProblem: (problem: { readonly name: string; readonly detail: string }) => void;
  readonly onProgress: { total(pieces: number): void; done(pieces: number): void };
}

export interface ExportedFoundry {
  readonly packages: number;
  readonly versions: number;
  readonly bytes: number;
  /** Versions whose content is not there as it was. */
  readonly skipped: number;
}

interface Found {
  readonly name: PackageName;
  readonly repository: RepositoryName;
  readonly version: PackageVersion;
}

const PAGE = 1000;

/** Writes all versions as the reference server keeps them: the way back. Numbered in the order in which they came. */
export async function exportFoundry(deps: ExportFoundryDeps): Promise<ExportedFoundry> {
  const { folder, onProblem, onProgress } = deps;
  const found = await listAll(deps);
  onProgress.total(found.length);
  const packages = new Set<PackageName>();
  const counts = { versions: 0, bytes: 0, skipped: 0 };
  for (const { name, repository, version } of found) {
    try {
      await folder.putBlob(version.hash, read(deps.artifacts, repository, version));
      const { hash, sizeBytes, uploadedAt } = version;
      folder.addRow({ package: name, version: version.version, hash, sizeBytes, uploadedAt });
      packages.add(name);
      counts.versions += 1;
      counts.bytes += sizeBytes;
    } catch (failure) {
      if (!(failure instanceof OciError)) throw failure;
      counts.skipped += 1;
      onProblem({ name: `${name}@${version.version}`, detail: [failure.message, ...failure.detail].join(': ') });
    }
    onProgress.done(1);
  }
  return { packages: packages.size, ...counts };
}

async function listAll({ artifacts, config }: ExportFoundryDeps): Promise<readonly Found[]> {
  const namespace = createNamespace(config['facades.foundry.prefix']);
  const found: Found[] = [];
  for (let after: RepositoryName | undefined; ;) {
    const page = await artifacts.repositories(namespace.root, { limit: PAGE, after });
    for (const { name: repository } of page) {
      const name = namespace.packageOf(repository);
      const versions = name === undefined ? [] : await listVersions({ artifacts }, repository);
      if (name !== undefined) found.push(...versions.map((version) => ({ name, repository, version })));
    }
    after = page.at(-1)?.name;
    if (page.length < PAGE) break;
  }
  return found.toSorted((a, b) => a.version.uploadedMs - b.version.uploadedMs || a.version.id - b.version.id);
}

async function* read(
  artifacts: Artifacts,
  repository: RepositoryName,
  { digest }: PackageVersion,
): AsyncIterable<Uint8Array> {
  const opened = await artifacts.open(repository, digest, { here: true });
  switch (opened.kind) {
    case 'bytes':
      yield opened.bytes;
      return;
    case 'stream':
      try {
        yield* opened.content.read();
      } finally {
        await opened.content.close();
      }
      return;
    case 'elsewhere':
      throw new Error('content was asked for here');
    default:
      opened satisfies never;
  }
}
