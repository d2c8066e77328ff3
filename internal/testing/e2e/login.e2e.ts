import { describeLogin } from './login.suite.ts';

for (const client of ['crane', 'oras', 'skopeo', 'podman', 'regctl'] as const) describeLogin(client);
