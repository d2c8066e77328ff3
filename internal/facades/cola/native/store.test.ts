import { describeColaStore } from '../store.suite.ts';
import { openNativeStore } from './store-rig.suite.ts';

describeColaStore('artifacts', openNativeStore);
