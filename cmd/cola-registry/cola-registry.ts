import { createProgram, PRODUCT_VERSION, type Program } from '../../internal/cli/index.ts';
import { exportDocument } from './commands/export.ts';
import { hashPassword } from './commands/hash-password.ts';
import { migrate } from './commands/migrate.ts';
import { server } from './commands/server.ts';

/** The program `cola-registry`: the product with COLA alone (cola contract, sections 7 and 8). */
export function createColaRegistry(): Program {
  return createProgram({
    name: 'cola-registry',
    description: 'A registry of command-line tools for command-launcher: COLA, kept as OCI artifacts.',
    version: `cola-registry version ${PRODUCT_VERSION}`,
    groups: { auth: 'What signing in needs.' },
    commands: [server, hashPassword, migrate, exportDocument],
    failures: { prefix: 'Error: ', usageExit: 1 },
  });
}
