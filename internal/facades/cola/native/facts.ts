import type { Facts } from '../../../registry/index.ts';
import type { Described, Partitions } from '../store.ts';

/** A file of a manifest that may be what a version consists of. */
export interface PackageFile {
  /** 64 hex digits. */
  readonly checksum: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly title: string | undefined;
  /** What is in it; undefined where nobody looked. */
  readonly found: FoundInside | undefined;
}

export interface FoundInside {
  readonly packageName: string | undefined;
  readonly version: string | undefined;
  readonly reasons: readonly string[];
}

interface OfVersion extends Partitions {
  /** As its annotation says. */
  readonly version: string | undefined;
  readonly createdMs: number | undefined;
  /** What is wrong with its annotations. */
  readonly warnings: readonly string[];
  /** Whether its annotation says that it is listed whatever it is, or never. */
  readonly listing: 'always' | 'never' | undefined;
}

/** What COLA knows of a manifest beside itself. It follows from its content alone. */
export type ColaFacts =
  | (Readonly<{ kind: 'registry' | 'package' }> & Described)
  | (Readonly<{ kind: 'version'; files: readonly PackageFile[]; description: string }> & OfVersion)
  | (Readonly<{ kind: 'reference'; checksum: string; url: string }> & OfVersion)
  | Readonly<{ kind: 'index'; generation: number | undefined }>;

/** As it is kept: only what is there. */
export function writeFacts(facts: ColaFacts): Facts {
  if (facts.kind !== 'registry' && facts.kind !== 'package') return toJson(facts);
  return toJson({ ...facts, customValues: [...facts.customValues] });
}

const toJson = (value: object): Facts => JSON.parse(JSON.stringify(value)) as Facts;

/** What `writeFacts` wrote; undefined where nothing is known. */
export function readFacts(facts: Facts | undefined): ColaFacts | undefined {
  if (!facts) return undefined;
  // Written above, and under the door's version of that time: of another one it would have been asked for anew.
  const known = facts as unknown as ColaFacts;
  if (known.kind !== 'registry' && known.kind !== 'package') return known;
  return { ...known, customValues: new Map(facts['customValues'] as unknown as [string, string][]) };
}
