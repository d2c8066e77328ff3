import { createStaticTokens, type StaticToken } from '../../internal/auth/index.ts';
import type { Writer } from '../../internal/cli/index.ts';
import { ConfigError } from '../../internal/config/index.ts';
import { createLogger, redactPath, type LogStyle } from '../../internal/log/index.ts';
import type { StandAlone } from '../../internal/server/index.ts';

/** foundry contract, section 5.2: the names of its log, under `msg` too. */
const LOG_STYLE: LogStyle = {
  messageKeys: ['message', 'msg'],
  levelOf: (level) => level,
  withMilliseconds: false,
  fields: { service: 'foundry-registry' },
};

/** The product as the program of Foundry. */
export const standAlone = (tokens: readonly StaticToken[]): StandAlone => ({
  facade: 'foundry',
  methods: [createStaticTokens(tokens)],
  logStyle: LOG_STYLE,
  requestRecord: (exchange, { status, sizeBytes }) => ({
    message: 'request',
    fields: {
      request_id: exchange.requestId,
      method: exchange.method,
      path: redactPath(exchange.path),
      status,
      size: sizeBytes,
      latency: Math.round(exchange.elapsedMs * 1000) / 1000,
      ...(status >= 500 && { error: exchange.failure }),
    },
  }),
  words: {
    starting: (config) => {
      const host = config['server.address'] === '0.0.0.0' ? '' : config['server.address'];
      return { message: 'starting Foundry Registry server', fields: { addr: `${host}:${config['server.port']}` } };
    },
    stopping: () => ({ message: 'shutting down server', fields: {} }),
    storageFailed: 'failed to initialize blob storage',
    catalogFailed: 'failed to initialize metadata store',
    authFailed: 'server error',
    facadesFailed: 'server error',
    startFailed: 'server error',
    serverFailed: 'server error',
  },
});

/** The one line of a program that cannot read its configuration. */
export function failToLoad(stdout: Writer, failure: unknown): void {
  const error = failure instanceof ConfigError ? failure.problems.join('; ') : failure;
  const log = createLogger({
    level: 'info',
    format: 'json',
    style: LOG_STYLE,
    write: (line) => void stdout.write(line),
  });
  log.fatal('failed to load config', { error: error instanceof Error ? error.message : error });
}
