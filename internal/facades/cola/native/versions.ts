import { sortVersions, versionOfTag } from '../../../../pkg/oci/index.ts';
import type { Artifact } from '../../../artifacts/index.ts';
import { isVersion } from '../rules/versions.ts';
import type { Version } from '../store.ts';
import { readFacts, type ColaFacts, type FoundInside, type PackageFile } from './facts.ts';

/** A tag of a package's repository with what is known of its manifest. */
type Tagged = Pick<Artifact, 'tag' | 'digest' | 'pushedMs' | 'facts'>;

/** The version that a tag stands for; undefined where it is none: `latest`, `v1.2.3`, `_package`, a signature. */
export function versionAt(artifact: Tagged, packageName: string, isStrict: boolean): Version | undefined {
  const version = versionOfTag(artifact.tag);
  if (artifact.tag.startsWith('_') || !isVersion(version)) return undefined;
  const facts = readFacts(artifact.facts);
  if (facts?.kind === 'reference') return referenceOf(artifact, facts, packageName, version);
  return facts?.kind === 'version' ? packageOf(artifact, facts, packageName, version, isStrict) : undefined;
}

function referenceOf(
  artifact: Tagged,
  facts: Extract<ColaFacts, { kind: 'reference' }>,
  name: string,
  version: string,
): Version {
  const { checksum, url, startPartition, endPartition, createdMs, warnings, listing } = facts;
  return {
    name,
    version,
    checksum,
    source: { kind: 'url', url },
    startPartition,
    endPartition,
    createdMs: createdMs ?? artifact.pushedMs,
    sizeBytes: undefined,
    mediaType: undefined,
    digest: artifact.digest,
    isInstallable: undefined,
    warnings,
    isListed: listing !== 'never',
  };
}

/** contract 12.3: which of several files is the package. */
function fileFor(files: readonly PackageFile[], name: string, version: string): PackageFile | undefined {
  return (
    files.find(({ title }) => files.length > 1 && title === `${name}-${version}.pkg`) ??
    files.find(({ title = '', mediaType }) => mediaType === 'application/zip' || /\.(?:pkg|zip)$/.test(title)) ??
    files[0]
  );
}

/** Why command-launcher would not install what was found under that name. */
export function reasonsAgainst(
  { packageName, version: said, reasons }: FoundInside,
  name: string,
  version: string,
): readonly string[] {
  return [
    ...(packageName !== undefined && packageName !== name ? [`its manifest.mf is of package ${packageName}`] : []),
    ...(said !== undefined && said !== version ? [`its manifest.mf is of version ${said}`] : []),
    ...reasons,
  ];
}

function packageOf(
  artifact: Tagged,
  facts: Extract<ColaFacts, { kind: 'version' }>,
  name: string,
  version: string,
  isStrict: boolean,
): Version | undefined {
  const file = fileFor(facts.files, name, version);
  if (!file) return undefined;
  const { startPartition, endPartition, createdMs, listing } = facts;
  const reasons = file.found && reasonsAgainst(file.found, name, version);
  const isInstallable = reasons && reasons.length === 0;
  const isFit = !isStrict || isInstallable === true || listing === 'always';
  return {
    name,
    version,
    checksum: file.checksum,
    source: { kind: 'oci' },
    startPartition,
    endPartition,
    createdMs: createdMs ?? artifact.pushedMs,
    sizeBytes: file.sizeBytes,
    mediaType: file.mediaType,
    digest: artifact.digest,
    isInstallable,
    warnings: [...facts.warnings, ...(reasons ?? [])],
    isListed: file.sizeBytes > 0 && isFit && listing !== 'never',
  };
}

/**
 * All versions of a package, ascending. Of several tags on one manifest one counts: what the manifest says that it is,
 * else the longest (contract 12.3).
 */
export function versionsOf(artifacts: readonly Artifact[], packageName: string, isStrict: boolean): readonly Version[] {
  const byManifest = new Map<string, { readonly version: Version; readonly isNamed: boolean }>();
  for (const artifact of artifacts) {
    const version = versionAt(artifact, packageName, isStrict);
    if (!version) continue;
    const isNamed = artifact.facts?.['version'] === version.version;
    const other = byManifest.get(artifact.digest);
    if (!other || isBefore({ version, isNamed }, other)) byManifest.set(artifact.digest, { version, isNamed });
  }
  return sortVersions([...byManifest.values()].map(({ version }) => version));
}

type Named = Readonly<{ version: Version; isNamed: boolean }>;

function isBefore(one: Named, other: Named): boolean {
  if (one.isNamed !== other.isNamed) return one.isNamed;
  return one.version.version.length > other.version.version.length;
}
