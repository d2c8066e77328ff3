export type { ConfigOf, Option, OptionType } from './option.ts';
