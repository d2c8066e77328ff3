import { createProgram, PRODUCT_VERSION, type Program } from '../../internal/cli/index.ts';
import { GLOBAL_OPTIONS, toCommand, type RegctlDeps } from './command.ts';
import { apikeyCreate } from './commands/apikey-create.ts';
import { apikeyDelete } from './commands/apikey-delete.ts';
import { apikeyList } from './commands/apikey-list.ts';
import { contextAdd } from './commands/context-add.ts';
import { contextList } from './commands/context-list.ts';
import { contextRemove } from './commands/context-remove.ts';
import { contextUse } from './commands/context-use.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { packageCreate } from './commands/package-create.ts';
import { packageDelete } from './commands/package-delete.ts';
import { packageGet } from './commands/package-get.ts';
import { packageList } from './commands/package-list.ts';
import { packagePush } from './commands/package-push.ts';
import { packageUpdate } from './commands/package-update.ts';
import { registryCreate } from './commands/registry-create.ts';
import { registryDelete } from './commands/registry-delete.ts';
import { registryGet } from './commands/registry-get.ts';
import { registryList } from './commands/registry-list.ts';
import { registryUpdate } from './commands/registry-update.ts';
import { versionCreate } from './commands/version-create.ts';
import { versionDelete } from './commands/version-delete.ts';
import { versionGet } from './commands/version-get.ts';
import { versionList } from './commands/version-list.ts';
import { versionPush } from './commands/version-push.ts';
import { whoami } from './commands/whoami.ts';
import { FAILED } from './exit-codes.ts';

const COMMANDS = [
  ...[login, logout, whoami],
  ...[registryCreate, registryList, registryGet, registryUpdate, registryDelete],
  ...[packageCreate, packagePush, packageList, packageGet, packageUpdate, packageDelete],
  ...[versionCreate, versionPush, versionList, versionGet, versionDelete],
  ...[apikeyCreate, apikeyList, apikeyDelete],
  ...[contextAdd, contextUse, contextList, contextRemove],
];

/** The program `cola-regctl`: keeps the registries, packages and versions of a COLA server (cola contract, section 9). */
export function createRegctl(deps: RegctlDeps = { fetch }): Program {
  return createProgram({
    name: 'cola-regctl',
    description: 'Keeps the registries, packages and versions of a COLA registry server.',
    version: `cola-regctl version ${PRODUCT_VERSION}`,
    options: GLOBAL_OPTIONS,
    groups: {
      registry: 'Registries: one of each team.',
      package: 'Packages of a registry: its tools.',
      version: 'Versions of a package: what is published does not change.',
      apikey: 'API keys, for those who are no people.',
      context: 'Names for servers, on this machine.',
    },
    commands: COMMANDS.map((command) => toCommand(command, deps)),
    plainFlags: true,
    failures: { prefix: 'Error: ', usageExit: FAILED },
  });
}
