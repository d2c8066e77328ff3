import { createAudit, createLimits, decide, type Action, type Decision } from '../auth/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Logger } from '../log/index.ts';
import type { RepositoryName } from '../../pkg/oci/index.ts';
import { assembleAuth } from './build-auth.ts';
import type { Config } from './options.ts';

export interface AskedAccess {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly version: string;
  /** As in bindings: `user:alice`. */
  readonly subject: string;
  readonly action: Action;
  readonly repository: RepositoryName;
}

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};

/**
 * Decides as the server would, by the same rules: of the catalog, the file of users and the configuration. Undefined
 * where the subject could not sign in. Changes nothing.
 */
export async function explainAccess(asked: AskedAccess): Promise<Decision | undefined> {
  const { config, catalog, version, subject, action, repository } = asked;
  const clock = Date.now;
  const log = SILENT;
  const audit = createAudit({ catalog, clock, log });
  const limits = createLimits({ config, catalog, clock, isShared: false });
  const ended = AbortSignal.abort();
  const ticks = (): number => performance.now();
  const deps = { config, catalog, audit, limits, log, version, clock, ticks, signal: ended };
  const built = await assembleAuth(deps);
  try {
    const principal = await built.auth.findSubject(subject);
    return principal && decide(await built.auth.policy(), { principal }, { action, repository });
  } finally {
    await built.close();
    await audit.close();
    limits.close();
  }
}
