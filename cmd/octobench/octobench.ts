import { createProgram, PRODUCT_VERSION, type Program } from '../../internal/cli/index.ts';
import { collection } from './commands/collection.ts';
import { goals } from './commands/goals.ts';
import { growth } from './commands/growth.ts';
import { list } from './commands/list.ts';
import { overload } from './commands/overload.ts';
import { run } from './commands/run.ts';

/** The program `octobench`: measures registries. */
export function createOctobench(): Program {
  return createProgram({
    name: 'octobench',
    description: 'Measures any registry that speaks the OCI Distribution Specification, alone or next to another.',
    version: `octobench v${PRODUCT_VERSION}`,
    commands: [run, goals, growth, overload, collection, list],
  });
}
