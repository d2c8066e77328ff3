export { messageOf } from './errors.ts';
export { createLogger, type LoggerOptions } from './logger.ts';
export { isSecretName, REDACTED, redactPath, redactQuery, redactText } from './redact.ts';
export { createRequestId } from './request-id.ts';
export type { Fields, LogFormat, Logger, LogLevel, LogStyle, RootLogger } from './types.ts';
