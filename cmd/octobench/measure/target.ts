import type { SiteSpec } from '../generator/site.ts';

/** A registry that is measured. */
export interface Target {
  /** As tables call it. */
  readonly name: string;
  readonly site: SiteSpec;
  /** Its first process, where it runs on this machine. */
  readonly pid: number | undefined;
}
