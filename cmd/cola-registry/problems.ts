import { parsePlace, PlaceInvalid } from '../../internal/documents/index.ts';
import { nameOf, type Said, type SettingName } from './settings.ts';

const oneOf =
  (...choices: readonly string[]) =>
  (value: string): string | undefined =>
    choices.includes(value) ? undefined : `must be ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

const BOOLEAN = oneOf('true', 'false', '1', '0');

const CHECKS: Partial<Record<SettingName, (value: string) => string | undefined>> = {
  storageUri: wrongOfUri,
  port: (value) =>
    /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535 ? undefined : 'must be 1 to 65535',
  logLevel: oneOf('debug', 'info', 'warn', 'error'),
  logFormat: oneOf('json', 'text'),
  authType: wrongOfAuthType,
  authRead: oneOf('public', 'required'),
  rateLimit: (value) => (/^\d{1,9}$/.test(value) ? undefined : 'must be a whole number from 0 on'),
  partitionOverlap: oneOf('allow', 'reject'),
  indexStrict: BOOLEAN,
  immutableTags: BOOLEAN,
  mirror: oneOf('on', 'off'),
};

/** What is wrong with what was said, a sentence each. */
export function problemsOf(said: Said): readonly string[] {
  const lacksScript = said.authType === 'custom_jwt' && !said.jwtScript;
  const missing = lacksScript ? ['--auth-type custom_jwt needs --auth-custom-jwt-script'] : [];
  const faults = Object.entries(said).flatMap(([key, value]) => {
    const name = key as SettingName;
    const wrong = CHECKS[name]?.(value);
    if (wrong === undefined) return [];
    return [name === 'storageUri' ? wrong : `${nameOf(name)} ${wrong}: not "${value}"`];
  });
  return [...faults, ...missing];
}

/** The product's own store, where everything is an OCI artifact. */
export const isNative = (uri: string | undefined): boolean => uri === undefined || /^store:\/\/$/i.test(uri);

function wrongOfUri(uri: string): string | undefined {
  if (isNative(uri)) return undefined;
  try {
    parsePlace(uri);
    return undefined;
  } catch (error) {
    if (error instanceof PlaceInvalid) return error.message;
    throw error;
  }
}

function wrongOfAuthType(type: string): string | undefined {
  if (type === 'ldap') {
    return 'is not offered here, but none, basic and custom_jwt are; for single sign-on serve COLA with octoserve';
  }
  return oneOf('none', 'basic', 'custom_jwt')(type);
}
