import { describeDriver } from '../driver.suite.ts';
import type { TestedDriver } from '../fixtures.suite.ts';
import { describeStores } from '../stores.suite.ts';
import { describeUploads } from '../uploads.suite.ts';
import { openMemory } from './driver.ts';

const open = async (): Promise<TestedDriver> => {
  const driver = openMemory({ clock: () => 0 });
  return {
    driver,
    async end() {
      await driver.close();
      return [];
    },
  };
};

describeDriver('memory', open);
describeStores('memory', open);
describeUploads('memory', open);
