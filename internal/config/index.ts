export type { ConfigOf, ConfigValue, Option, OptionType } from './option.ts';
export { CORE_OPTIONS, type CoreConfig } from './options.ts';
