import type { CommandOption } from '../../internal/cli/index.ts';

/** Of commands that work on a document and on the registry of artifacts. */
export const STORE_OPTIONS: readonly CommandOption[] = [
  {
    flags: '--token <token>',
    doc: 'what opens the document: KEY:SECRET, user:password or a token; COLA_REGISTRY_STORAGE_TOKEN',
  },
  { flags: '--config <path>', doc: 'the settings of octoserve that the server has' },
  { flags: '--json', doc: 'as JSON' },
];
