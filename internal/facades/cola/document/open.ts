import { v4 } from 'uuid';
import { openDocument, parsePlace } from '../../../documents/index.ts';
import type { Logger } from '../../../log/index.ts';
import type { ColaStore } from '../store.ts';
import type { VersionRules } from './changes.ts';
import { openDocumentStore } from './document-store.ts';

export interface OpenStoreAt extends VersionRules {
  readonly token: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: () => number;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** The registries of the document at a URI, which is then this server's as far as the place can see to that. */
export async function openStoreAt(uri: string, deps: OpenStoreAt): Promise<ColaStore> {
  const { token, env, cwd, clock, log } = deps;
  const parsed = parsePlace(uri);
  const place = await openDocument(parsed, { token, env, cwd, clock, log, uuid: v4, isOurs: true });
  try {
    return await openDocumentStore({ ...deps, place, isShared: parsed.kind !== 'file' });
  } catch (error) {
    await place.close();
    throw error;
  }
}
