import type { ClientConfig } from 'pg';
import type { Text } from '../statement.ts';
import { CatalogError } from '../types.ts';
import { connect } from './connect.ts';
import type { Named } from './dialect.ts';
import { explain, explainSilence } from './explain.ts';
import { judge, toCatalogError } from './failures.ts';
import { isBehind, migrate } from './migrate.ts';
import { createSession, type Session } from './session.ts';
import { addressOf, clientConfig, type PostgresSettings } from './settings.ts';

/**
 * A look at the database on a connection of its own, which brings it up to date where it is behind. Throws the
 * CatalogError of what is wrong, its message one line for the operator: `busy` where a later visit may find it well.
 */
export function createVisit(settings: PostgresSettings, statements: (text: Text) => Named): () => Promise<void> {
  const address = addressOf(settings);
  const patient = clientConfig(settings);
  // The statements of a look are trivial: an answer that takes longer than a connection may is none.
  const brisk = { ...patient, query_timeout: settings.connectTimeoutMs };
  return async () => {
    if (await visit(brisk, isBehind)) await visit(patient, migrate);
  };

  async function visit<Result>(config: ClientConfig, action: (session: Session) => Promise<Result>): Promise<Result> {
    const client = await connect(settings, config);
    try {
      return await action(createSession(client, statements));
    } catch (error) {
      const line = explain(error, address);
      if (line !== undefined) throw new CatalogError('busy', line, error);
      throw judge(error) === 'lost' ? new CatalogError('busy', explainSilence(address), error) : toCatalogError(error);
    } finally {
      void client.end();
    }
  }
}
