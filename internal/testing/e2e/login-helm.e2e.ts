import { describeLogin } from './login.suite.ts';

describeLogin('helm');
