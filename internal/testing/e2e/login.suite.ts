import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { DRIVERS, podmanStores, type Driver, type LoginClient, type Session } from './login-drivers.ts';
import { MODES, PASSWORD, startLoginServer } from './login-server.ts';
import { makeRealImage, writeDockerArchive, writeFiles } from './real-image.ts';
import { tryRun, type Ran } from './run.ts';
import type { ServerProcess } from './server-process.ts';

/** Logs in, pushes, pulls and logs out with a client, in both modes. */
export function describeLogin(client: LoginClient): void {
  const driver: Driver = DRIVERS[client];
  describeClients([client], `${client} login`, () => {
    let folder: TempFolder;
    beforeAll(async () => {
      folder = await openTempFolder();
      const archive = join(folder.path, 'image.tar');
      await writeDockerArchive(archive, await makeRealImage([{ hello: client }, { more: client }]), 'local/app:1');
      await writeFiles(folder.path, { 'tool.txt': 'a tool\n' });
      await mkdir(join(folder.path, 'pulled'));
    });
    afterAll(() => folder.remove());

    describe.each(MODES)('with auth.mode %s', (mode) => {
      let server: ServerProcess;
      let session: Session;
      beforeAll(async () => {
        server = await startLoginServer(mode);
        session = { host: server.host, folder: folder.path };
        if (client === 'podman') await run([...podmanStores(session), 'load', '--input', 'image.tar']);
        if (client === 'helm') await prepareChart();
      });
      afterAll(() => server.close());
      beforeEach(() => rm(join(folder.path, driver.kept), { force: true }));

      const run = (args: readonly string[]): Promise<Ran> =>
        tryRun(programOf(client), args, { cwd: folder.path, env: driver.env?.(session) ?? {} });

      async function prepareChart(): Promise<void> {
        const chart = { 'app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n' };
        await writeFiles(folder.path, chart);
        await run(['package', 'app']);
      }

      it('lets in who has the password, to push and pull, until the logout', async () => {
        expect((await run(driver.login(session, 'alice', 'wrong'))).code === 0).toBe(!driver.tries);
        expect((await run(driver.push(session, 'team/app:1'))).code).not.toBe(0);
        expect(await run(driver.login(session, 'alice', PASSWORD))).toMatchObject({ code: 0 });
        expect(await run(driver.push(session, 'team/app:1'))).toMatchObject({ code: 0 });
        expect(await run(driver.pull(session, 'team/app:1'))).toMatchObject({ code: 0 });
        expect((await run(driver.push(session, 'other/app:1'))).code).not.toBe(0);
        expect(await readFile(join(folder.path, driver.kept), 'utf8')).toContain(server.host);
        expect(await run(driver.logout(session))).toMatchObject({ code: 0 });
        expect((await run(driver.pull(session, 'team/app:1'))).code).not.toBe(0);
      });

      it('lets a reader pull and not push', async () => {
        await run(driver.login(session, 'alice', PASSWORD));
        expect(await run(driver.push(session, 'team/read:1'))).toMatchObject({ code: 0 });
        await run(driver.login(session, 'carol', PASSWORD));
        expect(await run(driver.pull(session, 'team/read:1'))).toMatchObject({ code: 0 });
        expect((await run(driver.push(session, 'team/read:2'))).code).not.toBe(0);
      });
    });
  });
}
