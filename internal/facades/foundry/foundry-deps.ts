import type { Fields } from '../../log/index.ts';
import type { FacadeDeps } from '../types.ts';
import type { FoundryMetrics } from './metrics.ts';
import type { Namespace } from './names.ts';
import type { FoundryConfig } from './options.ts';

/** What the handlers stand on. */
export interface FoundryDeps extends Pick<
  FacadeDeps<FoundryConfig>,
  'artifacts' | 'gc' | 'config' | 'clock' | 'ticks'
> {
  readonly namespace: Namespace;
  readonly metrics: FoundryMetrics;
  /** Lines of the log that only the stand-alone program writes. */
  readonly events: (message: string, fields: Fields) => void;
}
