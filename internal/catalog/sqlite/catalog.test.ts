import { afterAll, jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCatalog } from '../catalog.suite.ts';
import { openFileCatalog, openMemoryCatalog } from './catalog.ts';

// Threads and processes start slowly on a machine that is busy with other tests.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'catalog-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

describeCatalog('SQLite in a file', () => openFileCatalog({ path: join(folder, `${++files}.db`), durability: 'os' }));
describeCatalog('SQLite in memory', () => openMemoryCatalog());
