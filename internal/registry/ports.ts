import type { RepositoryName, UploadId } from '../../pkg/oci/index.ts';

/** What the registry asks of whoever wires it. */
export interface RegistryPorts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds, monotonic: for durations. */
  readonly ticks: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** A fresh random id for an upload. */
  readonly newUploadId: () => UploadId;
  /** Hears of content that is gone or does not match its digest: for the log. */
  readonly onDamage: (damage: Damage) => void;
}

/** Content that the catalog knows and storage cannot give as it was pushed. */
export interface Damage {
  readonly repository: RepositoryName;
  readonly digest: string;
  readonly problem: 'missing' | 'wrong size' | 'wrong content';
}
