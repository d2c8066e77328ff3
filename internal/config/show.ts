import type { LoadedConfig } from './load.ts';
import type { ConfigValue } from './option.ts';
import type { Origin } from './sources.ts';
import { printValue } from './value.ts';

/** One setting as people may see it. */
export interface ShownSetting {
  readonly key: string;
  /** As a file would say it; null where nothing is set, a mask where it is secret. */
  readonly value: Exclude<ConfigValue, undefined> | null;
  readonly origin: Origin;
}

const MASK = '********';

/** Every setting with where it came from, in the order of the tables; secrets are masked. */
export function showConfig(
  loaded: Pick<LoadedConfig<Readonly<Record<string, ConfigValue>>>, 'config' | 'origins' | 'options'>,
): readonly ShownSetting[] {
  return loaded.options.map(({ key, type, secret }) => {
    const value = loaded.config[key];
    return {
      key,
      value: secret && value !== undefined ? MASK : (printValue(type, value) ?? null),
      origin: loaded.origins.get(key) ?? { source: 'default' },
    };
  });
}
