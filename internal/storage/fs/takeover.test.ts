import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import { endClean, newUploadId, type TestedDriver } from '../fixtures.suite.ts';
import { blobKey, uploadKey } from '../layout.ts';
import { openTestedFolder } from './fixtures.suite.ts';

const HELLO = Buffer.from('hello');
const WORLD = Buffer.from('world');

describe('an upload in a folder that a request of another process took over', () => {
  let tested: TestedDriver;
  beforeEach(async () => {
    tested = await openTestedFolder();
  });
  afterEach(() => endClean(tested));

  it('is not reached by what the one before still writes, published or not', async () => {
    const { staging, objects } = tested.driver;
    const key = uploadKey(newUploadId());
    const zombie = await staging.grow(key, 0);
    await zombie.write(HELLO);

    await staging.detach?.(key, HELLO.length);
    const heir = await staging.grow(key, HELLO.length);
    await heir.write(WORLD);
    await zombie.write(Buffer.from('NOISE'));
    await heir.finish({ sync: false });
    const whole = Buffer.concat([HELLO, WORLD]);
    await staging.publish(key, blobKey(digestOf(whole)), whole.length);
    await zombie.write(Buffer.from('more of it'));
    await zombie.finish({ sync: false });

    const content = await objects.open(blobKey(digestOf(whole)));
    const pieces: Buffer[] = [];
    for await (const piece of content!.read()) pieces.push(Buffer.from(piece));
    await content!.close();
    expect(Buffer.concat(pieces).toString()).toBe('helloworld');
    await staging.discard(key);
  });

  it('is lost where its bytes are gone', async () => {
    const key = uploadKey(newUploadId());
    await expect(tested.driver.staging.detach?.(key, 5)).rejects.toMatchObject({ failure: 'broken', lost: true });
    await expect(tested.driver.staging.grow(key, 5)).rejects.toMatchObject({ failure: 'broken', lost: true });
  });
});
