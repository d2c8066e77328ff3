import { createProgram, PRODUCT_VERSION, type Program } from '../../internal/cli/index.ts';
import { toCommand } from './command.ts';
import { deleteVersion } from './commands/delete.ts';
import { gc } from './commands/gc.ts';
import { list } from './commands/list.ts';
import { pull } from './commands/pull.ts';
import { push } from './commands/push.ts';
import { search } from './commands/search.ts';

const COMMANDS = [push, pull, list, search, deleteVersion, gc];
/** Every failure of the program is 1 (foundry contract, section 7). */
const FAILED = 1;

/** The program `registry-cli`, which its help calls `registry`: a client of Foundry. */
export function createRegistryCli(): Program {
  const program = createProgram({
    name: 'registry',
    aliases: ['registry-cli'],
    description: 'Keeps versions of files in a Foundry registry.',
    version: `registry version ${PRODUCT_VERSION}`,
    commands: COMMANDS.map((command) => toCommand(command)),
    plainFlags: true,
    failures: { usageExit: FAILED },
  });
  const names = new Set(['completion', ...COMMANDS.map(({ name }) => name)]);
  return {
    async run(argv, io) {
      const [word] = argv;
      if (word === 'help') return program.run(['--help'], io);
      if (word !== undefined && (word.startsWith('-') || names.has(word))) return program.run(argv, io);
      if (word !== undefined) io.stderr.write(`unknown command: ${word}\n`);
      await program.run(['--help'], io);
      return FAILED;
    },
  };
}
