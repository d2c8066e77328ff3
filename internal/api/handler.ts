import type { Exchange } from '../http/index.ts';
import type { Registry } from '../registry/index.ts';
import type { Target, TargetPath } from './path.ts';

/** What every handler of `/v2` is given besides its request. */
export interface ApiDeps {
  readonly registry: Registry;
  /** `server.public_url` without its trailing slash; empty: Locations are relative. */
  readonly publicUrl: string;
}

export type TargetOf<Path extends TargetPath> = Extract<Target, { path: Path }>;
export type Handler<Path extends TargetPath> = (
  deps: ApiDeps,
  target: TargetOf<Path>,
  exchange: Exchange,
) => Promise<void>;
