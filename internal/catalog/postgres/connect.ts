import { Client, type ClientConfig } from 'pg';
import { CatalogError } from '../types.ts';
import { explainConnecting, explainSilence } from './explain.ts';
import { addressOf, clientConfig, type PostgresSettings } from './settings.ts';

/** A connection of one's own, to be ended by whoever asked for it. Throws `busy`, its message one line for the operator. */
export async function connect(
  settings: PostgresSettings,
  config: ClientConfig = clientConfig(settings),
): Promise<Client> {
  const address = addressOf(settings);
  let isLate = false;
  // Comes before the timer of `pg`, which ends the attempt and does not say why.
  const timer = setTimeout(() => (isLate = true), settings.connectTimeoutMs);
  try {
    const client = new Client(config);
    client.on('error', () => undefined); // its queries say so too
    await client.connect();
    return client;
  } catch (error) {
    throw new CatalogError('busy', isLate ? explainSilence(address) : explainConnecting(error, address), error);
  } finally {
    clearTimeout(timer);
  }
}
