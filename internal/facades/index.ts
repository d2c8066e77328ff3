import type { ConfigOf, CoreConfig } from '../config/index.ts';
import { COLA_OPTIONS } from './cola/options.ts';
import { FOUNDRY_OPTIONS } from './foundry/options.ts';
import { prefixProblems } from './problems.ts';
import type { Facade } from './types.ts';

export { findListenAddress, type ListenAddress } from './listen.ts';
export { createFacadeRouter, type FacadeRouterDeps } from './router.ts';
export type { Copied } from './cola/transfer/copy.ts';
export type * from './types.ts';

/** The options of every facade, for the configuration; to read them loads no facade. */
export const FACADE_OPTIONS = [...COLA_OPTIONS, ...FOUNDRY_OPTIONS] as const;

export type FacadeConfig = CoreConfig & ConfigOf<typeof FACADE_OPTIONS>;

/** The facades there are, each loaded only where it is enabled. */
const FACADES = {
  cola: async () => (await import('./cola/facade.ts')).cola,
  foundry: async () => (await import('./foundry/facade.ts')).foundry,
} as const satisfies Readonly<Record<string, () => Promise<Facade<FacadeConfig>>>>;

export type FacadeName = keyof typeof FACADES;

const enabledIn = (config: FacadeConfig): readonly FacadeName[] =>
  (Object.keys(FACADES) as FacadeName[]).filter((name) => config[`facades.${name}.enabled`]);

/** The facades that are switched on. */
export async function loadFacades(config: FacadeConfig): Promise<readonly Facade<FacadeConfig>[]> {
  return Promise.all(enabledIn(config).map((name) => FACADES[name]()));
}

/** What is wrong with the settings of facades that are right each by itself, a sentence each; loads no facade. */
export function facadeProblems(config: FacadeConfig): readonly string[] {
  return prefixProblems(enabledIn(config).map((name) => ({ name, prefix: config[`facades.${name}.prefix`] })));
}

/** What brings folders of Foundry's reference server in and out, for commands. */
export const loadFoundryTransfer = () => import('./foundry/transfer/index.ts');

/** What copies COLA's registries between documents and artifacts, for commands. */
export const loadColaTransfer = () => import('./cola/transfer/transfer.ts');
