import { describeFacade } from '../facade.suite.ts';

describeFacade({
  name: 'foundry',
  pathOf: (template) => template.replace('{package}', 'team%2Ftool').replace('{version}', '1.0.0+x'),
  repository: 'foundry/tool',
  isFailure: (body) => typeof body === 'object' && body !== null && 'error' in body && 'code' in body,
});
