import type { Io } from '../../internal/cli/index.ts';
import { redactPath } from '../../internal/log/index.ts';
import type { StandAlone } from '../../internal/server/index.ts';
import type { ColaStart } from './config.ts';
import { createFileRoles } from './roles.ts';
import { createRunScript } from './run-script.ts';
import { createScriptTokens, scriptBindings } from './script-tokens.ts';

// cola contract, section 7.1
export const INVALID = 1;
export const STORES_FAILED = 2;
const SERVER_FAILED = 3;

/** The product as the program of COLA: its log, its exit codes, its roles. */
export function standAlone(start: ColaStart, { env, cwd }: Pick<Io, 'env' | 'cwd'>): StandAlone {
  const { config, isNative, shownUri, authType, usersFile, script, requiredGroup } = start;
  const prefix = config['facades.cola.prefix'];
  return {
    facade: 'cola',
    hidesRegistry: !isNative,
    fileRoles: createFileRoles(prefix),
    ...(script !== undefined && {
      methods: [createScriptTokens({ run: createRunScript(script), clock: Date.now })],
      bindings: scriptBindings(prefix, requiredGroup),
    }),
    exitCodes: { start: STORES_FAILED, listener: SERVER_FAILED, cut: SERVER_FAILED },
    surroundings: { env, cwd },
    requestRecord: (exchange, { status }) => ({
      message: 'request completed',
      fields: {
        request_id: exchange.requestId,
        method: exchange.method,
        path: redactPath(exchange.path),
        status,
        duration_ms: Math.round(exchange.elapsedMs),
        remote_ip: exchange.address.replace(/^\[?(.*?)\]?:\d+$/, '$1'),
        ...(exchange.principal !== 'anonymous' && { user: exchange.principal.replace(/^user:/, '') }),
        ...(status >= 500 && { error: exchange.failure }),
      },
    }),
    words: {
      starting: (_config, version) => ({
        message: 'Server starting with configuration',
        fields: {
          version,
          storage_uri: shownUri,
          storage_token: config['facades.cola.storage_token'] === undefined ? '(not set)' : '***',
          port: config['server.port'],
          host: config['server.address'],
          log_level: config['log.level'],
          log_format: config['log.format'],
          auth_type: authType,
          auth_users_file: usersFile,
        },
      }),
      ready: 'Server ready to accept connections',
      stopping: (signal) => ({ message: 'Shutdown signal received', fields: { signal } }),
      stopped: 'Server stopped gracefully',
      storageFailed: 'Failed to initialize storage or authentication',
      catalogFailed: 'Failed to initialize storage or authentication',
      authFailed: 'Failed to initialize storage or authentication',
      facadesFailed: 'Failed to initialize storage or authentication',
      serverFailed: 'Server error',
    },
  };
}

/** What is worth saying at the start of how COLA is kept. */
export function adviceOf({ isNative, shownUri }: ColaStart, hasOldDocument: boolean): readonly string[] {
  const migrate = (uri: string): string => `\`cola-registry migrate --from ${uri}\``;
  if (!isNative) {
    return [`Packages are no OCI artifacts in a document: ${migrate(shownUri)} brings them where they are`];
  }
  return hasOldDocument
    ? [
        `${OLD_DOCUMENT} is there and is not used: serve it with --storage-uri ${OLD_DOCUMENT}, or ${migrate(OLD_DOCUMENT)}`,
      ]
    : [];
}

/** Where a document was kept by default before everything was an artifact. */
export const OLD_DOCUMENT = './data/registry.json';
